package kernel

// In a depthwise convolution each output map comes from a single input map, too
// little work to gather columns for: the taps run over the maps line by line.

// depthwise reports whether the line loops are the faster ones.
func (g *Conv) depthwise() bool {
	return g.C > 1 && g.C == g.Groups && g.OC < 4*g.Groups
}

func depthwiseForward[T Float](g *Conv, y, x, w []T) {
	shared := borrowScratch[T]()
	defer shared.release()
	v, lines := vectorsOf[T](), tapLines(g, shared)
	size, points, taps, stride := boxSize(g.In), boxSize(g.Out), boxSize(g.Kernel), g.Stride[2]
	Parallel(g.N*g.OC, grainFor(points*taps), func(lo, hi int) {
		for m := lo; m < hi; m++ {
			n, o := m/g.OC, m%g.OC
			y, w := y[m*points:][:points], w[o*taps:]
			x := x[(n*g.C+o/(g.OC/g.C))*size:][:size]
			clear(y)
			for _, l := range lines {
				row := y[l.lo:l.hi]
				if stride == 1 {
					v.ger(1, len(row), w[l.tap:], x[l.x:], row, len(row))
					continue
				}
				wt, x := w[l.tap], x[l.x:]
				for i := range row {
					row[i] += wt * x[i*stride]
				}
			}
		}
	})
}

func depthwiseBackwardData[T Float](g *Conv, dx, dy, w []T) {
	shared := borrowScratch[T]()
	defer shared.release()
	v, lines := vectorsOf[T](), tapLines(g, shared)
	size, points, taps, stride := boxSize(g.In), boxSize(g.Out), boxSize(g.Kernel), g.Stride[2]
	each := g.OC / g.C
	Parallel(g.N*g.C, grainFor(points*taps*each), func(lo, hi int) {
		for m := lo; m < hi; m++ {
			dx := dx[m*size:][:size]
			clear(dx)
			for o := m * each; o < (m+1)*each; o++ { // counted through the samples
				dy, w := dy[o*points:][:points], w[o%g.OC*taps:]
				for _, l := range lines {
					row := dy[l.lo:l.hi]
					if stride == 1 {
						v.ger(1, len(row), w[l.tap:], row, dx[l.x:], len(row))
						continue
					}
					wt, dx := w[l.tap], dx[l.x:]
					for i, d := range row {
						dx[i*stride] += wt * d
					}
				}
			}
		}
	})
}

// depthwiseBackwardWeights gives each output channel to one goroutine, which adds
// up the samples in order.
func depthwiseBackwardWeights[T Float](g *Conv, dw, x, dy []T) {
	shared := borrowScratch[T]()
	defer shared.release()
	v, lines := vectorsOf[T](), tapLines(g, shared)
	size, points, taps, stride := boxSize(g.In), boxSize(g.Out), boxSize(g.Kernel), g.Stride[2]
	Parallel(g.OC, grainFor(g.N*points*taps), func(lo, hi int) {
		s := borrowScratch[T]()
		grad := resize(&s.operand, points)
		for o := lo; o < hi; o++ {
			dw := dw[o*taps:][:taps]
			clear(dw)
			for n := range g.N {
				copy(grad, dy[(n*g.OC+o)*points:])
				x := x[(n*g.C+o/(g.OC/g.C))*size:][:size]
				for _, l := range lines {
					if stride == 1 {
						dw[l.tap] += v.dot(x[l.x:][:l.hi-l.lo], grad[l.lo:])
						continue
					}
					var sum T
					x := x[l.x:]
					for i, d := range grad[l.lo:l.hi] {
						sum += d * x[i*stride]
					}
					dw[l.tap] += sum
				}
			}
		}
		s.release()
	})
}
