package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Add computes y = a+b. y may be a or b.
func Add[T Float](y, a, b []T) { pool.Run(len(y), elementGrain, addJob[T]{y, a, b, nil, nil}) }

// AddAll computes y = Σ xs, in the order of the operands, of which there are at
// least two. y may be any of the first four.
func AddAll[T Float](y []T, xs ...[]T) {
	sum, rest := xs[0], xs[1:]
	for len(rest) > 0 { // up to three more, added to what there is
		j := addJob[T]{y: y, a: sum, b: rest[0]}
		if len(rest) > 1 {
			j.c = rest[1]
		}
		if len(rest) > 2 {
			j.d = rest[2]
		}
		pool.Run(len(y), elementGrain, j)
		sum, rest = y, rest[min(3, len(rest)):]
	}
}

// addJob adds two to four operands; c and d are nil if there are fewer.
type addJob[T Float] struct{ y, a, b, c, d []T }

func (j *addJob[T]) Do(lo, hi int) {
	y, a, b := j.y[lo:hi], j.a[lo:hi], j.b[lo:hi]
	switch {
	case j.d != nil:
		vec.Add4(y, a, b, j.c[lo:hi], j.d[lo:hi])
	case j.c != nil:
		vec.Add3(y, a, b, j.c[lo:hi])
	default:
		vec.Add(y, a, b)
	}
}
