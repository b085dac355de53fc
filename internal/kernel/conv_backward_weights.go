package kernel

const (
	weightRows = 48  // rows of the column matrix to a unit
	weightCols = 256 // columns to a panel: the length of a dot product

	// weightUnits bounds the units that ConvBackwardWeights splits into, and so
	// its partial sums, to about weightUnits·weightRows rows of OC elements.
	weightUnits = 64
	// weightChunk is the least number of columns worth a partial sum.
	weightChunk = 1024
)

// ConvBackwardWeights writes all of dw, the gradient of ⟨y, dy⟩ with respect to
// w; see [Conv].
//
// Each chunk of samples has its own sum, and these are added in order. The
// chunks follow from the geometry alone.
func ConvBackwardWeights[T Float](g *Conv, dw, x, dy []T) {
	g = g.flat()
	if g.depthwise() {
		depthwiseBackwardWeights(g, dw, x, dy)
		return
	}
	v := vectorsOf[T]()
	taps, points := boxSize(g.Kernel), boxSize(g.Out)
	inputs := g.C / g.Groups
	dw = dw[:g.OC*inputs*taps]

	blocks, channels := g.channelBlocks(weightRows)
	chunks := max(1, min(weightUnits/max(1, g.Groups*blocks), g.N*points/weightChunk, g.N))
	samples := (g.N + chunks - 1) / chunks

	sums := dw
	if chunks > 1 {
		partial := borrowScratch[T]()
		defer partial.release()
		sums = resize(&partial.tile, chunks*len(dw))
	}
	work := channels * taps * g.OC / g.Groups * samples * points
	Parallel(chunks*g.Groups*blocks, grainFor(work), func(lo, hi int) {
		s := borrowScratch[T]()
		for u := lo; u < hi; u++ {
			chunk := u / (g.Groups * blocks)
			group, c := u/blocks%g.Groups, u%blocks*channels
			n := min(chunk*samples, g.N)
			backwardWeightsUnit(g, v, s, sums[chunk*len(dw):][:len(dw)], x, dy,
				n, min(n+samples, g.N), group, c, min(c+channels, inputs))
		}
		s.release()
	})
	if chunks > 1 {
		Parallel(len(dw), grainFor(chunks), func(lo, hi int) {
			copy(dw[lo:hi], sums[lo:hi])
			for chunk := 1; chunk < chunks; chunk++ {
				v.add(sums[chunk*len(dw)+lo:chunk*len(dw)+hi], dw[lo:hi])
			}
		})
	}
}

// backwardWeightsUnit computes dw for channels [c0, c1) of a group, summed over
// samples [n0, n1): the dot products of rows of dy and of the matrix of columns.
func backwardWeightsUnit[T Float](g *Conv, v vectors[T], s *scratch[T], dw, x, dy []T, n0, n1, group, c0, c1 int) {
	taps, points := boxSize(g.Kernel), boxSize(g.Out)
	inputs, outputs := g.C/g.Groups, g.OC/g.Groups
	firstIn, firstOut := group*inputs, group*outputs
	depth, rows := inputs*taps, (c1-c0)*taps
	for o := range outputs {
		clear(dw[(firstOut+o)*depth+c0*taps:][:rows])
	}

	panel := resize(&s.panel, rows*weightCols)
	operand := resize(&s.operand, min(outputs, outputBlock)*weightCols)
	forEachBlock((n1-n0)*points, evenPart((n1-n0)*points, weightCols), func(first, cols int) {
		first += n0 * points
		s.segments = g.segments(s.segments[:0], first, first+cols)
		gatherColumns(g, panel, weightCols, x, s.segments, firstIn+c0, firstIn+c1)
		forEachBlock(outputs, outputBlock, func(o, count int) {
			gatherOutputs(g, operand, weightCols, dy, s.segments, firstOut+o, firstOut+o+count)
			for i := range count {
				row := dw[(firstOut+o+i)*depth+c0*taps:][:rows]
				d := operand[i*weightCols:][:cols]
				for r := range row {
					row[r] += v.dot(d, panel[r*weightCols:])
				}
			}
		})
	})
}
