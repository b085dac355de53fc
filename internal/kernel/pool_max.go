package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// MaxPoolForward writes the largest element of each window to y. Padding never
// wins: a window without a real element gives -Inf. A NaN in the window gives
// NaN, as in PyTorch.
func MaxPoolForward[T Float](g *Pool, y, x []T) {
	if g.halves() {
		maxHalvesForward(g, y, x)
		return
	}
	shared := borrowScratch[T]()
	defer shared.release()
	lines := tapLines(g.conv(), shared)
	pool.Run(g.Maps, g.grain(), maxPooling[T]{g, lines, y, x})
}

type maxPooling[T Float] struct {
	g     *Pool
	lines []tapLine
	y, x  []T
}

func (j *maxPooling[T]) Do(lo, hi int) {
	g, lines, y, x := j.g, j.lines, j.y, j.x
	size, points, stride := boxSize(g.In), boxSize(g.Out), g.Stride[2]
	for m := lo; m < hi; m++ {
		x, y := x[m*size:][:size], y[m*points:][:points]
		for i := range y {
			y[i] = T(math.Inf(-1))
		}
		for _, l := range lines {
			x := x[l.x:]
			row := y[l.lo:l.hi]
			for i := range row {
				row[i] = max(row[i], x[i*stride])
			}
		}
	}
}

// MaxPoolBackward writes the gradient of ⟨y, dy⟩ with respect to x to all of dx:
// each window passes its dy to its largest element, to the first of equals in
// row-major order, and to the last NaN if there is one. x is the forward pass's.
func MaxPoolBackward[T Float](g *Pool, dx, x, dy []T) {
	if g.halves() {
		maxHalvesBackward(g, dx, x, dy)
		return
	}
	shared := borrowScratch[T]()
	defer shared.release()
	lines := tapLines(g.conv(), shared)
	first := resize(&shared.index, boxSize(g.Out))
	firstSeen(first, lines, g.Stride[2])

	pool.Run(g.Maps, g.grain(), maxPoolGrads[T]{g, lines, first, dx, x, dy})
}

type maxPoolGrads[T Float] struct {
	g         *Pool
	lines     []tapLine
	first     []int
	dx, x, dy []T
}

func (j *maxPoolGrads[T]) Do(lo, hi int) {
	g, lines, first, dx, x, dy := j.g, j.lines, j.first, j.dx, j.x, j.dy
	size, points := boxSize(g.In), boxSize(g.Out)
	s := borrowScratch[T]()
	winners, tops := resize(&s.index, points), resize(&s.tile, points)
	for m := lo; m < hi; m++ {
		copy(winners, first)
		findWinners(winners, tops, x[m*size:][:size], lines, g.Stride[2])
		dx := dx[m*size:][:size]
		clear(dx)
		for p, d := range dy[m*points:][:points] {
			if winners[p] >= 0 {
				dx[winners[p]] += d
			}
		}
	}
	s.release()
}

// firstSeen sets first to the first input in each output's window, or to -1 where
// it has none.
func firstSeen(first []int, lines []tapLine, stride int) {
	for p := range first {
		first[p] = -1
	}
	for _, l := range lines {
		for p := l.lo; p < l.hi; p++ {
			if first[p] < 0 {
				first[p] = l.x + (p-l.lo)*stride
			}
		}
	}
}

// findWinners moves each winner on from the first input of its window to the one
// that takes the gradient. tops is working memory.
func findWinners[T Float](winners []int, tops, x []T, lines []tapLine, stride int) {
	for p := range tops {
		tops[p] = T(math.Inf(-1))
	}
	for _, l := range lines {
		row, won := tops[l.lo:l.hi], winners[l.lo:l.hi]
		for i := range row {
			at := l.x + i*stride
			if e := x[at]; !(e <= row[i]) {
				won[i], row[i] = at, e
				if e != e {
					row[i] = T(math.Inf(1)) // which only a later NaN beats
				}
			}
		}
	}
}
