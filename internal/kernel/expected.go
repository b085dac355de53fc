package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// ExpectedReLU computes the mean of max(u, 0) for normal u of mean m and standard
// deviation s,
//
//	y = m·Φ(m/s) + s·φ(m/s),
//
// and max(m, 0) where s is 0.
func ExpectedReLU[T Float](y, m, s []T) {
	pool.Run(len(y), activationGrain, expectedJob[T]{expectedValue, y, m, s, m})
}

// ExpectedReLUGradMean computes the gradient by m, d = Φ(m/s)·dy.
func ExpectedReLUGradMean[T Float](d, m, s, dy []T) {
	pool.Run(len(d), activationGrain, expectedJob[T]{expectedByMean, d, m, s, dy})
}

// ExpectedReLUGradDeviation computes the gradient by s, d = φ(m/s)·dy. Where s is 0 the
// gradients are those of max(m, 0) alone.
func ExpectedReLUGradDeviation[T Float](d, m, s, dy []T) {
	pool.Run(len(d), activationGrain, expectedJob[T]{expectedByDeviation, d, m, s, dy})
}

type expectedKind uint8

const (
	expectedValue expectedKind = iota
	expectedByMean
	expectedByDeviation
)

type expectedJob[T Float] struct {
	kind        expectedKind
	y, m, s, dy []T
}

func (j *expectedJob[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		m, s, dy := float64(j.m[i]), float64(j.s[i]), float64(j.dy[i])
		below, density := normalAt(m, s)
		switch j.kind {
		case expectedValue:
			j.y[i] = T(max(s*density+nonzero(m, below), 0)) // far below 0 they cancel
		case expectedByMean:
			j.y[i] = T(below * dy)
		default:
			j.y[i] = T(density * dy)
		}
	}
}

// normalAt returns Φ and φ of m/s; in the limit of s = 0 the step at 0, and 0.
func normalAt(m, s float64) (below, density float64) {
	if s == 0 {
		if m > 0 {
			return 1, 0
		}
		return 0, 0
	}
	z := m / s
	return math.Erfc(-z/math.Sqrt2) / 2, math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
}

// nonzero is a·b, and 0 where b is, even for infinite a.
func nonzero(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a * b
}

// Root computes y = √(a·x), and 0 where rounding left x below 0.
func Root[T Float](y, x []T, a float64) {
	pool.Run(len(y), elementGrain, rootJob[T]{y, x, a})
}

// RootGrad computes dx = dy·a/(2y), where y is [Root] of x, and 0 where y is 0.
func RootGrad[T Float](dx, y, dy []T, a float64) {
	pool.Run(len(y), elementGrain, rootGradJob[T]{dx, y, dy, a})
}

type rootJob[T Float] struct {
	y, x []T
	a    float64
}

func (j *rootJob[T]) Do(lo, hi int) {
	for i, v := range j.x[lo:hi] {
		if v < 0 {
			v = 0
		}
		j.y[lo+i] = T(math.Sqrt(j.a * float64(v)))
	}
}

type rootGradJob[T Float] struct {
	dx, y, dy []T
	a         float64
}

func (j *rootGradJob[T]) Do(lo, hi int) {
	for i, y := range j.y[lo:hi] {
		j.dx[lo+i] = 0
		if y != 0 {
			j.dx[lo+i] = T(float64(j.dy[lo+i]) * j.a / (2 * float64(y)))
		}
	}
}
