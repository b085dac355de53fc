package kernel

import "github.com/thinnet/thinnet/internal/kernel/pool"

// AvgPoolForward writes the mean of each window to y. Padding counts as zeros or
// not at all, see [Pool]. A window without a real element gives 0.
func AvgPoolForward[T Float](g *Pool, y, x []T) {
	if g.halves() {
		avgHalvesForward(g, y, x)
		return
	}
	shared := borrowScratch[T]()
	defer shared.release()
	lines := tapLines(g.conv(), shared)
	counts := resize(&shared.tile, boxSize(g.Out))
	windowCounts(g, counts)

	pool.Run(g.Maps, g.grain(), avgPooling[T]{g, lines, counts, y, x})
}

type avgPooling[T Float] struct {
	g            *Pool
	lines        []tapLine
	counts, y, x []T
}

func (j *avgPooling[T]) Do(lo, hi int) {
	g, lines, counts, y, x := j.g, j.lines, j.counts, j.y, j.x
	v := vectorsOf[T]()
	size, points, stride := boxSize(g.In), boxSize(g.Out), g.Stride[2]
	for m := lo; m < hi; m++ {
		x, y := x[m*size:][:size], y[m*points:][:points]
		clear(y)
		for _, l := range lines {
			row, x := y[l.lo:l.hi], x[l.x:]
			if stride == 1 {
				v.add(x[:len(row)], row)
				continue
			}
			for i := range row {
				row[i] += x[i*stride]
			}
		}
		for p := range y {
			y[p] /= counts[p]
		}
	}
}

// AvgPoolBackward writes the gradient of ⟨y, dy⟩ with respect to x to all of dx:
// each window passes equal parts of its dy to its elements.
func AvgPoolBackward[T Float](g *Pool, dx, dy []T) {
	if g.halves() {
		avgHalvesBackward(g, dx, dy)
		return
	}
	shared := borrowScratch[T]()
	defer shared.release()
	lines := tapLines(g.conv(), shared)
	counts := resize(&shared.tile, boxSize(g.Out))
	windowCounts(g, counts)

	pool.Run(g.Maps, g.grain(), avgPoolGrads[T]{g, lines, counts, dx, dy})
}

type avgPoolGrads[T Float] struct {
	g              *Pool
	lines          []tapLine
	counts, dx, dy []T
}

func (j *avgPoolGrads[T]) Do(lo, hi int) {
	g, lines, counts, dx, dy := j.g, j.lines, j.counts, j.dx, j.dy
	v := vectorsOf[T]()
	size, points, stride := boxSize(g.In), boxSize(g.Out), g.Stride[2]
	s := borrowScratch[T]()
	parts := resize(&s.tile, points)
	for m := lo; m < hi; m++ {
		for p, d := range dy[m*points:][:points] {
			parts[p] = d / counts[p]
		}
		dx := dx[m*size:][:size]
		clear(dx)
		for _, l := range lines {
			row, dx := parts[l.lo:l.hi], dx[l.x:]
			if stride == 1 {
				v.add(row, dx)
				continue
			}
			for i, d := range row {
				dx[i*stride] += d
			}
		}
	}
	s.release()
}

// windowCounts sets counts to what each output's sum is divided by, at least 1.
func windowCounts[T Float](g *Pool, counts []T) {
	p := 0
	for d := range g.Out[0] {
		for h := range g.Out[1] {
			for w := range g.Out[2] {
				counts[p] = T(max(1, g.count(0, d)*g.count(1, h)*g.count(2, w)))
				p++
			}
		}
	}
}

// count returns how many taps on an axis count for output p.
func (g *Pool) count(axis, p int) int {
	low, high := 0, g.In[axis]
	if g.CountIncludePad {
		low, high = -g.Pad[axis], high+g.PadHigh[axis]
	}
	n := 0
	for k := range g.Kernel[axis] {
		at := p*g.Stride[axis] - g.Pad[axis] + k*g.Dilation[axis]
		if at >= low && at < high {
			n++
		}
	}
	return n
}
