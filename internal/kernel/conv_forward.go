package kernel

import "github.com/thinnet/thinnet/internal/kernel/vec"

// outputBlock bounds the output channels computed from one gathered panel.
const outputBlock = 128

// ConvForward writes all of y; see [Conv].
func ConvForward[T Float](g *Conv, y, x, w []T) {
	g = g.flat()
	if g.depthwise() {
		depthwiseForward(g, y, x, w)
		return
	}
	v := vectorsOf[T]()
	perGroup, depth := g.OC/g.Groups, g.C/g.Groups*boxSize(g.Kernel)

	weights := borrowScratch[T]()
	defer weights.release()
	packed := resize(&weights.operand, g.OC*depth)
	for group := range g.Groups {
		forEachBlock(perGroup, tileRows, func(o, rows int) {
			at := (group*perGroup + o) * depth
			vec.Transpose(packed[at:], w[at:], rows, depth, rows, depth)
		})
	}

	columns := g.N * boxSize(g.Out)
	panels := (columns + tileCols - 1) / tileCols
	blocks := (perGroup + outputBlock - 1) / outputBlock
	units := panels * g.Groups * blocks
	work := depth * min(perGroup, outputBlock) * tileCols
	Parallel(units, grainFor(work), func(lo, hi int) {
		s := borrowScratch[T]()
		for u := lo; u < hi; u++ {
			first := u / (g.Groups * blocks) * tileCols
			group := u / blocks % g.Groups
			o := u % blocks * outputBlock
			if u == lo || u%(g.Groups*blocks) == 0 {
				s.segments = g.segments(s.segments[:0], first, min(first+tileCols, columns))
			}
			forwardUnit(g, v, s, y, x, packed, group, o, min(o+outputBlock, perGroup))
		}
		s.release()
	})
}

// forwardUnit computes the columns in s.segments for the output channels
// [o0, o1) of a group. packed is each block of tileRows output channels,
// transposed.
func forwardUnit[T Float](g *Conv, v vectors[T], s *scratch[T], y, x, packed []T, group, o0, o1 int) {
	taps, inputs, outputs := boxSize(g.Kernel), g.C/g.Groups, g.OC/g.Groups
	last := s.segments[len(s.segments)-1]
	cols := last.at + last.width
	tile := resize(&s.tile, (o1-o0)*tileCols)
	clear(tile)

	blocks, channels := g.channelBlocks(tileCols)
	panel := resize(&s.panel, channels*taps*tileCols)
	for b := range blocks {
		c0 := b * channels
		c1 := min(c0+channels, inputs)
		gatherColumns(g, panel, tileCols, x, s.segments, group*inputs+c0, group*inputs+c1)
		forEachBlock(o1-o0, tileRows, func(o, rows int) {
			// Block o of packed has depth inputs·taps, and rows to each.
			weights := packed[(group*outputs+o0+o)*inputs*taps+c0*taps*rows:]
			for l := range (c1 - c0) * taps {
				v.ger(rows, cols, weights[l*rows:], panel[l*tileCols:], tile[o*tileCols:], tileCols)
			}
		})
	}

	for _, seg := range s.segments {
		to := (seg.sample*g.OC+group*outputs+o0)*boxSize(g.Out) + seg.position
		for o := range o1 - o0 {
			copy(y[to+o*boxSize(g.Out):], tile[o*tileCols+seg.at:][:seg.width])
		}
	}
}

// forEachBlock calls f for each block of at most size indices in [0, n).
func forEachBlock(n, size int, f func(first, count int)) {
	for first := 0; first < n; first += size {
		f(first, min(size, n-first))
	}
}
