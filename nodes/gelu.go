package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
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
	op := pointwise{"GELU{erf}", kernel.GELU(), geluErf{}}
	for _, opt := range guard.Given(opts) {
		opt.gelu(&op)
	}
	return x.Layer("GELU").Apply(op, x)
}

// A GELUOption adjusts one [GELU].
type GELUOption interface{ gelu(*pointwise) }

// TanhApproximation makes [GELU] the approximation by tanh, as GPT-2 has it.
func TanhApproximation() GELUOption { return tanhApproximation{} }

type tanhApproximation struct{}

func (tanhApproximation) gelu(op *pointwise) {
	*op = pointwise{"GELU{tanh}", kernel.GELUTanh(), geluTanh{}}
}
