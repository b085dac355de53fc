package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// An Activation is a function of each element by itself, computed in float64 and
// rounded. For float32 the levels of instructions may differ by that rounding.
type Activation struct {
	kind activation
	a, b float64
}

type activation uint8

const (
	sigmoidKind activation = iota
	tanhKind
	siluKind
	geluKind
	geluTanhKind
	eluKind
	softplusKind
)

// Sigmoid is 1/(1+exp(-x)).
func Sigmoid() Activation { return Activation{kind: sigmoidKind} }

// Tanh is tanh(x).
func Tanh() Activation { return Activation{kind: tanhKind} }

// SiLU is x·sigmoid(x).
func SiLU() Activation { return Activation{kind: siluKind} }

// GELU is x·Φ(x).
func GELU() Activation { return Activation{kind: geluKind} }

// GELUTanh is x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
func GELUTanh() Activation { return Activation{kind: geluTanhKind} }

// ELU is scale·x where x > 0, else scale·alpha·(exp(x)-1).
func ELU(scale, alpha float64) Activation { return Activation{eluKind, scale, scale * alpha} }

// Softplus is log(1+exp(beta·x))/beta, or x where beta·x > threshold.
func Softplus(beta, threshold float64) Activation { return Activation{softplusKind, beta, threshold} }

// Activate computes y = f(x). y may be x.
func Activate[T Float](f Activation, y, x []T) {
	pool.Run(len(x), activationGrain, activateJob[T]{f, y, x})
}

// ActivateGrad computes dx = dy·f'(x), where y is f(x). dx may be any of the
// others.
func ActivateGrad[T Float](f Activation, dx, x, y, dy []T) {
	pool.Run(len(x), activationGrain, activateGradJob[T]{f, dx, x, y, dy})
}

// activationGrain is less than elementGrain, for an element takes longer.
const activationGrain = elementGrain / 4

type activateJob[T Float] struct {
	f    Activation
	y, x []T
}

func (j *activateJob[T]) Do(lo, hi int) {
	y, x := j.y[lo:hi], j.x[lo:hi]
	switch j.f.kind {
	case sigmoidKind:
		vec.Sigmoid(y, x)
	case tanhKind:
		vec.Tanh(y, x)
	case siluKind:
		vec.Silu(y, x)
	case geluKind:
		vec.Gelu(y, x)
	case geluTanhKind:
		vec.GeluTanh(y, x)
	case eluKind:
		vec.Elu(y, x, j.f.a, j.f.b)
	case softplusKind:
		vec.Softplus(y, x, j.f.a, j.f.b)
	}
}

type activateGradJob[T Float] struct {
	f            Activation
	dx, x, y, dy []T
}

func (j *activateGradJob[T]) Do(lo, hi int) {
	dx, x, y, dy := j.dx[lo:hi], j.x[lo:hi], j.y[lo:hi], j.dy[lo:hi]
	switch j.f.kind {
	case sigmoidKind:
		vec.SigmoidGrad(dx, y, dy)
	case tanhKind:
		vec.TanhGrad(dx, y, dy)
	case siluKind:
		vec.SiluGrad(dx, x, dy)
	case geluKind:
		vec.GeluGrad(dx, x, dy)
	case geluTanhKind:
		vec.GeluTanhGrad(dx, x, dy)
	case eluKind:
		vec.EluGrad(dx, x, dy, j.f.a, j.f.b)
	case softplusKind:
		vec.SoftplusGrad(dx, x, dy, j.f.a, j.f.b)
	}
}
