package kernel

// dataRows is the number of rows of the column matrix that one unit of
// ConvBackwardData computes.
const dataRows = 64

// ConvBackwardData writes all of dx, the gradient of ⟨y, dy⟩ with respect to x;
// see [Conv]. Inputs that no output sees get zero. As a function of dy it is the
// transposed convolution.
func ConvBackwardData[T Float](g *Conv, dx, dy, w []T) {
	g = g.flat()
	if g.depthwise() {
		depthwiseBackwardData(g, dx, dy, w)
		return
	}
	v := vectorsOf[T]()
	taps, points := boxSize(g.Kernel), boxSize(g.Out)

	// A unit is a block of channels in some samples, so that units write apart:
	// enough samples for a few panels of full width.
	blocks, channels := g.channelBlocks(dataRows)
	samples := max(1, 4*tileCols/max(1, points))
	chunks := (g.N + samples - 1) / samples
	work := channels * taps * g.OC / g.Groups * samples * points
	Parallel(chunks*g.Groups*blocks, grainFor(work), func(lo, hi int) {
		s := borrowScratch[T]()
		for u := lo; u < hi; u++ {
			n := u / (g.Groups * blocks) * samples
			group, c := u/blocks%g.Groups, u%blocks*channels
			backwardDataUnit(g, v, s, dx, dy, w, n, min(n+samples, g.N), group, c, min(c+channels, g.C/g.Groups))
		}
		s.release()
	})
}

// backwardDataUnit computes dx for samples [n0, n1) and channels [c0, c1) of a
// group: the matrix of columns' gradient is wᵀ·dy.
func backwardDataUnit[T Float](g *Conv, v vectors[T], s *scratch[T], dx, dy, w []T, n0, n1, group, c0, c1 int) {
	taps, points, size := boxSize(g.Kernel), boxSize(g.Out), boxSize(g.In)
	inputs, outputs := g.C/g.Groups, g.OC/g.Groups
	firstIn, firstOut := group*inputs, group*outputs
	for n := n0; n < n1; n++ {
		clear(dx[(n*g.C+firstIn+c0)*size : (n*g.C+firstIn+c1)*size])
	}

	depth, rows := inputs*taps, (c1-c0)*taps
	panel := resize(&s.panel, rows*tileCols)
	operand := resize(&s.operand, min(outputs, outputBlock)*tileCols)
	forEachBlock((n1-n0)*points, evenPart((n1-n0)*points, tileCols), func(first, cols int) {
		first += n0 * points
		s.segments = g.segments(s.segments[:0], first, first+cols)
		clear(panel)
		forEachBlock(outputs, outputBlock, func(o, count int) {
			gatherOutputs(g, operand, tileCols, dy, s.segments, firstOut+o, firstOut+o+count)
			forEachBlock(rows, tileRows, func(r, height int) {
				weights := w[(firstOut+o)*depth+c0*taps+r:]
				for l := range count {
					v.ger(height, cols, weights[l*depth:], operand[l*tileCols:], panel[r*tileCols:], tileCols)
				}
			})
		})
		scatterColumns(g, v, dx, panel, tileCols, s.segments, firstIn+c0, firstIn+c1)
	})
}

// evenPart returns the size, at most limit, of nearly equal parts of n. It is a
// multiple of 8 as limit must be: the loops inside take 8 columns at a time.
func evenPart(n, limit int) int {
	parts := max(1, (n+limit-1)/limit)
	return ((n+parts-1)/parts + 7) / 8 * 8
}
