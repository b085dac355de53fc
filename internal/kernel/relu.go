package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// ReLU computes y = max(x, 0); NaN stays NaN. y may be x.
func ReLU[T Float](y, x []T) { pool.Run(len(x), elementGrain, reluJob[T]{y, x}) }

type reluJob[T Float] struct{ y, x []T }

func (j *reluJob[T]) Do(lo, hi int) { vec.Relu(j.y[lo:hi], j.x[lo:hi]) }

// ReLUGrad computes dx = dy where y > 0 or y is NaN, else 0: PyTorch's choice
// of 0 for the derivative at 0. y is the output of [ReLU], or its input, which
// gives the same. dx may be dy or y.
func ReLUGrad[T Float](dx, y, dy []T) {
	pool.Run(len(y), elementGrain, reluGradJob[T]{dx, y, dy})
}

type reluGradJob[T Float] struct{ dx, y, dy []T }

func (j *reluGradJob[T]) Do(lo, hi int) { vec.ReluGrad(j.dx[lo:hi], j.y[lo:hi], j.dy[lo:hi]) }

// LeakyReLU computes y = x where x > 0, else slope·x. y may be x.
func LeakyReLU[T Float](y, x []T, slope float64) {
	LeakyReLUGrad(y, x, x, slope)
}

// LeakyReLUGrad computes dx = dy where x > 0, else slope·dy. dx may be x or dy.
func LeakyReLUGrad[T Float](dx, x, dy []T, slope float64) {
	pool.Run(len(x), elementGrain, leakyGradJob[T]{dx, x, dy, T(slope)})
}

type leakyGradJob[T Float] struct {
	dx, x, dy []T
	slope     T
}

func (j *leakyGradJob[T]) Do(lo, hi int) {
	vec.LeakyGrad(j.dx[lo:hi], j.x[lo:hi], j.dy[lo:hi], j.slope)
}
