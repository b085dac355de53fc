package nodes

import (
	"math"

	"github.com/thinnet/thinnet/graph"
)

// GELU is, for x of any shape,
//
//	y = x · Φ(x),   Φ(x) = (1 + erf(x/√2)) / 2
//
// or, with [TanhApproximation],
//
//	y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))
//
// Source: Hendrycks, Gimpel, Gaussian Error Linear Units (GELUs), 2016,
// https://arxiv.org/abs/1606.08415.
func GELU(x *graph.Node, opts ...GELUOption) *graph.Node {
	op := exactGELU
	for _, opt := range opts {
		opt.gelu(&op)
	}
	return x.Layer("GELU").Apply(op(), x)
}

// A GELUOption adjusts one [GELU].
type GELUOption interface{ gelu(*func() pointwise) }

// TanhApproximation makes [GELU] the approximation by tanh, as GPT-2 has it.
func TanhApproximation() GELUOption { return tanhApproximation{} }

type tanhApproximation struct{}

func (tanhApproximation) gelu(op *func() pointwise) { *op = tanhGELU }

func exactGELU() pointwise {
	// Erfc keeps the digits of Φ far below 0, where 1 + erf cancels.
	phi := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	return pointwise{
		name: "GELU{erf}",
		f:    func(x float64) float64 { return x * phi(x) },
		df: func(x, _ float64) float64 {
			return phi(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		},
	}
}

func tanhGELU() pointwise {
	const cubic = 0.044715
	slope := math.Sqrt(2 / math.Pi)
	return pointwise{
		name: "GELU{tanh}",
		f: func(x float64) float64 {
			return x / 2 * (1 + math.Tanh(slope*(x+cubic*x*x*x)))
		},
		df: func(x, _ float64) float64 {
			t := math.Tanh(slope * (x + cubic*x*x*x))
			return (1+t)/2 + x/2*(1-t*t)*slope*(1+3*cubic*x*x)
		},
	}
}
