package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Scale computes y = a·x, with a rounded to T. y may be x.
func Scale[T Float](y, x []T, a float64) {
	pool.Run(len(x), elementGrain, scaleJob[T]{y, x, T(a)})
}

type scaleJob[T Float] struct {
	y, x []T
	a    T
}

func (j *scaleJob[T]) Do(lo, hi int) { vec.MulScalar(j.y[lo:hi], j.x[lo:hi], j.a) }

// SignScale computes y = a·sign(x), with a rounded to T; the sign of 0 and of NaN
// is 0. y may be x.
func SignScale[T Float](y, x []T, a float64) {
	pool.Run(len(x), elementGrain, signScaleJob[T]{y, x, T(a)})
}

type signScaleJob[T Float] struct {
	y, x []T
	a    T
}

func (j *signScaleJob[T]) Do(lo, hi int) { vec.SignScale(j.y[lo:hi], j.x[lo:hi], j.a) }
