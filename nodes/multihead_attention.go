package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// MultiheadAttention is the attention of several heads, each of which sees linear maps
// of q, k and v of its own; a further map makes the output of what they return.
//
//	y = concat(head₁, ..., headₕ) · out_proj.weightᵀ + out_proj.bias
//	headᵢ = ScaledDotProductAttention(q·Wqᵢᵀ + bqᵢ, k·Wkᵢᵀ + bkᵢ, v·Wvᵢᵀ + bvᵢ)
//
// With x for all three it is self-attention.
//
// Shapes: q is (N, L, E), k is (N, S, Ek) and v is (N, S, Ev); y is (N, L, E). heads is a
// divisor of E. It is PyTorch's module with batch_first, and so are the parameters:
// in_proj_weight (3E, E) holds Wq, Wk and Wv one below the other and in_proj_bias (3E)
// their biases; where Ek or Ev is not E, there are q_proj_weight (E, E), k_proj_weight
// (E, Ek) and v_proj_weight (E, Ev) instead. out_proj.weight is (E, E) and out_proj.bias
// (E). Biases start at 0, the weights before the heads as by [graph.XavierUniform], and
// out_proj.weight as that of [Linear].
//
// Options: [Causal], [KeyLengths], [AttentionMask], [NoBias]; [DropWith] for the weights
// of the attention, at the scope dropout. A query that may look at no key gets
// out_proj.bias.
//
// Source: as for [ScaledDotProductAttention].
func MultiheadAttention(s *graph.Scope, q, k, v *graph.Node, heads int, opts ...MultiheadAttentionOption) *graph.Node {
	s = s.Layer("MultiheadAttention", q, k, v)
	m := multihead{heads: heads}
	for _, opt := range guard.Given(opts) {
		opt.multiheadAttention(&m)
	}
	return m.of(s, q, k, v)
}

// A MultiheadAttentionOption adjusts one [MultiheadAttention].
type MultiheadAttentionOption interface{ multiheadAttention(*multihead) }

type multihead struct {
	attention
	heads  int
	noBias bool
}

func (m *multihead) of(s *graph.Scope, q, k, v *graph.Node) *graph.Node {
	s = s.Describe("heads=%d", m.heads)
	wantModelType(s, "q", q)
	wantModelType(s, "k", k)
	wantModelType(s, "v", v)
	qs, ks, vs := q.Shape(), k.Shape(), v.Shape()
	switch {
	case s.Err() != nil:
		return s.Fail(s.Err())
	case len(qs) != 3 || len(ks) != 3 || len(vs) != 3 || qs[0] != ks[0] || ks[0] != vs[0] || ks[1] != vs[1]:
		return s.Errorf("q has shape %v, k %v and v %v, want (N, L, E), (N, S, Ek) and (N, S, Ev)", qs, ks, vs)
	case m.heads < 1 || qs[2]%m.heads != 0:
		return s.Errorf("heads is %d, want a divisor of %d, the last axis of q", m.heads, qs[2])
	}
	in := []*graph.Node{q, k, v}
	weights, biases := m.projections(s, q.Dim(2), k.Dim(2), v.Dim(2))
	for i, x := range in {
		y := s.Apply(linear{}, append([]*graph.Node{x, weights[i]}, biases[i]...)...)
		split := s.Apply(reshape{graph.Shape{y.Dim(0), y.Dim(1), m.heads, y.Dim(2) / m.heads}}, y)
		in[i] = s.Apply(headsFirst(), split)
	}
	y := s.Apply(headsFirst(), m.attention.of(s, in[0], in[1], in[2]))
	y = s.Apply(reshape{q.Shape().Clone()}, y)
	out := defaultAffine()
	out.noBias, out.bias = m.noBias, graph.Zeros()
	e := q.Dim(2)
	return out.apply(s.In("out_proj").Layer("Linear"), linear{}, y, graph.Shape{e, e}, e)
}

// headsFirst takes (N, T, heads, d) to (N, heads, T, d), and back.
func headsFirst() transpose { return transpose{[]int{0, 2, 1, 3}} }

// projections returns the three weights before the heads, and their biases, if any.
func (m *multihead) projections(s *graph.Scope, e, ek, ev int) (weights [3]*graph.Node, biases [3][]*graph.Node) {
	init := graph.XavierUniform(1)
	if ek == e && ev == e {
		all := s.Param("in_proj_weight", graph.Shape{3 * e, e}, init)
		for i := range weights {
			weights[i] = s.Apply(slice{0, i * e, e}, all)
		}
	} else {
		weights = [...]*graph.Node{
			s.Param("q_proj_weight", graph.Shape{e, e}, init),
			s.Param("k_proj_weight", graph.Shape{e, ek}, init),
			s.Param("v_proj_weight", graph.Shape{e, ev}, init),
		}
	}
	if m.noBias {
		return weights, biases
	}
	all := s.Param("in_proj_bias", graph.Shape{3 * e}, graph.Zeros())
	for i := range biases {
		biases[i] = []*graph.Node{s.Apply(slice{0, i * e, e}, all)}
	}
	return weights, biases
}
