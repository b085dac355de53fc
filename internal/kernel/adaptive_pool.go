package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// AdaptiveAvgPoolForward divides each axis of a map into out bins and writes the
// mean of each box to y. Bin i of an axis of n elements is
//
//	⌊i·n/out⌋ ≤ j < ⌈(i+1)·n/out⌉
//
// so neighbours share an element where out doesn't divide n. Shapes, contiguous:
// x is (maps, in...), y is (maps, out...); in and out are at least 1.
func AdaptiveAvgPoolForward[T Float](maps int, in, out [3]int, y, x []T) {
	if boxSize(out) == 1 {
		pool.Run(maps, rowGrain(boxSize(in)), mapMeans[T]{boxSize(in), y, x})
		return
	}
	pool.Run(maps, rowGrain(boxSize(in)+boxSize(out)), adaptiveMeans[T]{in, out, y, x})
}

// mapMeans is the case of one box a map.
type mapMeans[T Float] struct {
	size int
	y, x []T
}

func (j *mapMeans[T]) Do(lo, hi int) {
	total := borrowSums(hi - lo)
	vec.SumLines(total.values, j.x[lo*j.size:], j.size)
	for i, sum := range total.values {
		j.y[lo+i] = T(sum / float64(j.size))
	}
	spareSums.GiveBack(total)
}

type adaptiveMeans[T Float] struct {
	in, out [3]int
	y, x    []T
}

func (j *adaptiveMeans[T]) Do(lo, hi int) {
	in, out, y, x := j.in, j.out, j.y, j.x
	size, points := boxSize(in), boxSize(out)
	for m := lo; m < hi; m++ {
		x, y := x[m*size:][:size], y[m*points:][:points]
		eachBox(in, out, func(p int, d, h, w bin) {
			var sum T
			for i := d.lo; i < d.hi; i++ {
				for j := h.lo; j < h.hi; j++ {
					line := x[(i*in[1]+j)*in[2]:]
					for _, e := range line[w.lo:w.hi] {
						sum += e
					}
				}
			}
			y[p] = sum / T(d.size()*h.size()*w.size())
		})
	}
}

// AdaptiveAvgPoolBackward writes the gradient of ⟨y, dy⟩ with respect to x to all
// of dx: each box passes equal parts of its dy to its elements.
func AdaptiveAvgPoolBackward[T Float](maps int, in, out [3]int, dx, dy []T) {
	pool.Run(maps, rowGrain(boxSize(in)+boxSize(out)), adaptiveGrads[T]{in, out, dx, dy})
}

type adaptiveGrads[T Float] struct {
	in, out [3]int
	dx, dy  []T
}

func (j *adaptiveGrads[T]) Do(lo, hi int) {
	in, out, dx, dy := j.in, j.out, j.dx, j.dy
	size, points := boxSize(in), boxSize(out)
	for m := lo; m < hi; m++ {
		dx, dy := dx[m*size:][:size], dy[m*points:][:points]
		clear(dx)
		eachBox(in, out, func(p int, d, h, w bin) {
			part := dy[p] / T(d.size()*h.size()*w.size())
			for i := d.lo; i < d.hi; i++ {
				for j := h.lo; j < h.hi; j++ {
					line := dx[(i*in[1]+j)*in[2]:][w.lo:w.hi]
					for k := range line {
						line[k] += part
					}
				}
			}
		})
	}
}

// A bin is the inputs [lo, hi) of one output on one axis.
type bin struct{ lo, hi int }

func (b bin) size() int { return b.hi - b.lo }

func binOf(i, in, out int) bin {
	return bin{lo: i * in / out, hi: ((i+1)*in + out - 1) / out}
}

// eachBox calls f for each output of a map, in row-major order, with its bin on
// each axis.
func eachBox(in, out [3]int, f func(p int, d, h, w bin)) {
	p := 0
	for i := range out[0] {
		for j := range out[1] {
			for k := range out[2] {
				f(p, binOf(i, in[0], out[0]), binOf(j, in[1], out[1]), binOf(k, in[2], out[2]))
				p++
			}
		}
	}
}
