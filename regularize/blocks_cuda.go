package regularize

import (
	"github.com/thinnet/thinnet/internal/cuda"
)

// dropped says what the boxes of a step leave.
type dropped struct {
	words    cuda.Pointer // a bit for each element, set where it is dropped
	factors  cuda.Pointer // of each group of elements that are counted together
	group    uint64       // the divisor of its size
	elements int
}

// draw records what draws the boxes, grows them along each axis and counts what is left.
func (b blocks) draw(c *cuda.Commands) dropped {
	in, size, elements, group := b.of.Geometry()
	draws := c.PerStep(7, func(step uint64, words []uint32) {
		m := b.atStep(step)
		putStream(words, m.Key, m.Step)
		words[4] = m.Threshold
		putFloat64(words[5:], m.Stay)
	})
	n := (elements + 31) / 32
	words, grown := c.Scratch(n), c.Scratch(n)
	c.Each("blocks_corners", n, words, draws, in[0], in[1], in[2], in[0]-size[0]+1, in[1]-size[1]+1, in[2]-size[2]+1, elements)
	step := 1
	for axis := 2; axis >= 0; axis-- {
		if size[axis] > 1 {
			c.Each("blocks_spread", n, grown, words, size[axis], step, n)
			words, grown = grown, words
		}
		step *= in[axis]
	}
	const each = 32 * 32 // elements that a thread counts
	groups, parts := elements/group, (group+each-1)/each
	kept, factors := c.Scratch(groups), c.Scratch(groups)
	c.Fill(kept, 0, groups)
	c.Each("blocks_count", groups*parts, kept, words, group, parts, groups*parts)
	c.Each("blocks_factor", groups, factors, kept, group, groups)
	return dropped{words, factors, cuda.Divisor(group), elements}
}

// Launch implements [graph.Launcher].
func (op blockDropout) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	d := op.draw(c)
	eachFour(c, "blocks_apply", d.elements, y, in[0], d.words, d.factors, d.group)
}

// Launch implements [graph.Launcher].
func (op blockMask) Launch(c *cuda.Commands, k cuda.Value, _ ...cuda.Value) {
	d := op.draw(c)
	c.Each("blocks_cells", d.elements, k, d.words, d.factors, d.group, d.elements)
}
