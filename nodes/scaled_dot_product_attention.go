package nodes

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// ScaledDotProductAttention returns, for every query, the mean of the values v that is
// weighted by how the query fits their keys:
//
//	y[i] = Σ_j w[i,j] · v[j],   w[i] = softmax_j(q[i]·k[j] / √d + mask[i,j])
//
// Shapes: q is (N, heads, L, d), k is (N, heads, S, d) and v is (N, heads, S, e), all of
// them with or without the axis of the heads; y is (N, heads, L, e). It is
// torch.nn.functional.scaled_dot_product_attention.
//
// A query that may look at no key has weights, and so an output and a gradient, of 0:
// a softmax over nothing would be NaN.
//
// Options: [Causal], [KeyLengths], [AttentionMask], [AttentionScale]; [DropWith] for
// the weights, at the scope dropout of s. For a layer with weights there is
// [MultiheadAttention].
//
// Source: Vaswani et al., Attention Is All You Need, NeurIPS 2017,
// https://arxiv.org/abs/1706.03762.
func ScaledDotProductAttention(s *graph.Scope, q, k, v *graph.Node, opts ...ScaledDotProductAttentionOption) *graph.Node {
	s = s.Layer("ScaledDotProductAttention", q, k, v)
	var a attention
	for _, opt := range guard.Given(opts) {
		opt.scaledDotProductAttention(&a)
	}
	wantModelType(s, "q", q)
	wantModelType(s, "k", k)
	wantModelType(s, "v", v)
	qs, ks, vs := q.Shape(), k.Shape(), v.Shape()
	switch dims := len(qs); {
	case s.Err() != nil:
		return s.Fail(s.Err())
	case dims < 3 || dims > 4 || len(ks) != dims || len(vs) != dims ||
		qs[dims-1] != ks[dims-1] || !slices.Equal(ks[:dims-1], vs[:dims-1]) || !slices.Equal(qs[:dims-2], ks[:dims-2]):
		return s.Errorf("q has shape %v, k %v and v %v, want (N, heads, L, d), (N, heads, S, d) and (N, heads, S, e), or all without heads", qs, ks, vs)
	}
	return a.of(s, q, k, v)
}

// A ScaledDotProductAttentionOption adjusts one [ScaledDotProductAttention].
type ScaledDotProductAttentionOption interface{ scaledDotProductAttention(*attention) }
