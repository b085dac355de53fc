package regularize

import (
	"math"

	"github.com/thinnet/thinnet/internal/cuda"
)

// Launch implements [graph.Launcher].
func (op dropout) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	eachFour(c, "dropout", y.Len(), y, in[0], op.words(c))
}

// Launch implements [graph.Launcher].
func (op mask) Launch(c *cuda.Commands, k cuda.Value, _ ...cuda.Value) {
	eachFour(c, "mask", k.Len(), k, op.words(c))
}

// Launch implements [graph.Launcher].
func (masked) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	if y.Len() > 0 {
		eachFour(c, "masked", y.Len(), append([]any{y, in[0], in[1]}, broadcastOf(c, in[0].Shape, in[1].Shape)...)...)
	}
}

// Launch implements [graph.Launcher]. Where nothing is dropped, -0 is added, which changes
// nothing, not even a 0.
func (op alphaDropout) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	draws := c.PerStep(8, func(step uint64, words []uint32) {
		m := op.atStep(step)
		putMask(words, m)
		_, b, dropped := affine(m)
		gap, base := float32(b-dropped), float32(dropped)
		if m.Threshold == 0 {
			gap, base = float32(math.Copysign(0, -1)), float32(math.Copysign(0, -1))
		}
		words[6], words[7] = math.Float32bits(gap), math.Float32bits(base)
	})
	eachFour(c, "mask_shift", y.Len(), y, in[0], draws)
}

// Launch implements [graph.Launcher].
func (op alphaMasked) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	if y.Len() == 0 {
		return
	}
	shifts := c.PerStep(2, func(step uint64, words []uint32) {
		_, b, dropped := affine(op.atStep(step))
		words[0], words[1] = math.Float32bits(float32(b)), math.Float32bits(float32(dropped))
	})
	eachFour(c, "masked_shift", y.Len(), append([]any{y, in[0], in[1], shifts}, broadcastOf(c, in[0].Shape, in[1].Shape)...)...)
}

// Launch implements [graph.Launcher].
func (op swapout) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	eachFour(c, "mask_sum", y.Len(), y, in[0], in[1], op.skip.words(c), op.branch.words(c))
}

// Launch implements [graph.Launcher].
func (op weighted) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	eachFour(c, "weighted", y.Len(), y, in[0], in[1], float32(op.a), float32(op.b))
}

// Launch implements [graph.Launcher].
func (op scaled) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	eachFour(c, "scaled", y.Len(), y, in[0], float32(op.a))
}
