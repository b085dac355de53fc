package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Focus writes to k, of shape (n, s), a 1 for the positions of a sample of x at which
// its channel with the largest mean, the first of equals, is above mu times the
// largest element of that channel, and a 0 for the others. Where that element is not
// positive, or infinite, all are 1, and so is a NaN. x has shape (n, c, s), or if last
// (n, s, c).
func Focus[T Float](k, x []T, mu float64, n, c, s int, last bool) {
	pool.Run(n, rowGrain(c*s), focusJob[T]{k, x, mu, c, s, last})
}

type focusJob[T Float] struct {
	k, x []T
	mu   float64
	c, s int
	last bool
}

func (j *focusJob[T]) Do(lo, hi int) {
	total := borrowSums(j.c)
	for n := lo; n < hi; n++ {
		x := j.x[n*j.c*j.s:][:j.c*j.s]
		if j.last {
			clear(total.values)
			vec.SumRows(total.values, x, j.s, j.c)
		} else {
			vec.SumLines(total.values, x, j.s)
		}
		first, step := 0, 1
		if c := largest(total.values); j.last {
			first, step = c, j.c
		} else {
			first = c * j.s
		}
		focus(j.k[n*j.s:][:j.s], x[first:], step, j.mu)
	}
	spareSums.GiveBack(total)
}

// largest returns the index of the largest element, of the first of equals.
func largest(x []float64) int {
	at := 0
	for i, v := range x {
		if v > x[at] {
			at = i
		}
	}
	return at
}

// focus handles a channel whose elements are step apart.
func focus[T Float](k, x []T, step int, mu float64) {
	top := T(0)
	for i := range k {
		if v := x[i*step]; v > top {
			top = v
		}
	}
	fill(k, 1)
	if top == 0 || math.IsInf(float64(top), 1) {
		return
	}
	threshold := T(mu) * top
	for i := range k {
		if x[i*step] <= threshold {
			k[i] = 0
		}
	}
}
