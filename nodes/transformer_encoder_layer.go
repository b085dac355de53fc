package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// TransformerEncoderLayer is self-attention and two dense layers for each position,
// both around a residual connection:
//
//	x = norm1(x + self_attn(x))
//	y = norm2(x + linear2(ReLU(linear1(x))))
//
// or, with [NormFirst], x = x + self_attn(norm1(x)), y = x + linear2(ReLU(linear1(norm2(x)))).
//
// Shapes: x is (N, T, E), and so is y; heads is a divisor of E, and ff the width between
// the dense layers. It is PyTorch's module with batch_first; parameters have its names:
// self_attn as in [MultiheadAttention], linear1, linear2, norm1 and norm2. ff is 2048
// there by default.
//
// Options: [Causal], [KeyLengths], [AttentionMask], [NormFirst], [EncoderActivation].
// [DropWith] drops values in four places: the attention's weights, at self_attn.dropout,
// what comes out of it, at dropout1, between the dense layers, at dropout, and after
// them, at dropout2. PyTorch drops with p = 0.1 unless told otherwise; here nothing is.
//
// Source: Vaswani et al., Attention Is All You Need, NeurIPS 2017,
// https://arxiv.org/abs/1706.03762; for NormFirst Xiong et al., On Layer Normalization in
// the Transformer Architecture, ICML 2020, https://arxiv.org/abs/2002.04745.
func TransformerEncoderLayer(s *graph.Scope, x *graph.Node, heads, ff int, opts ...TransformerEncoderLayerOption) *graph.Node {
	s = s.Layer("TransformerEncoderLayer", x)
	t := encoder{multihead: multihead{heads: heads}, ff: ff, activation: ReLU}
	for _, opt := range guard.Given(opts) {
		opt.transformerEncoderLayer(&t)
	}
	if x.Dims() != 3 && s.Err() == nil {
		return s.Errorf("x has shape %v, want (N, T, E)", x.Shape())
	}
	wantModelType(s, "x", x)
	if t.normFirst {
		x = broadcastOver(s, add{}, x, t.attend(s, LayerNorm(s.In("norm1"), x)))
		return broadcastOver(s, add{}, x, t.dense(s, LayerNorm(s.In("norm2"), x)))
	}
	x = LayerNorm(s.In("norm1"), broadcastOver(s, add{}, x, t.attend(s, x)))
	return LayerNorm(s.In("norm2"), broadcastOver(s, add{}, x, t.dense(s, x)))
}

// A TransformerEncoderLayerOption adjusts one [TransformerEncoderLayer].
type TransformerEncoderLayerOption interface{ transformerEncoderLayer(*encoder) }

// NormFirst puts the layer norms before the attention and the dense layers instead of
// after the sums.
func NormFirst() TransformerEncoderLayerOption { return normFirst{} }

type normFirst struct{}

func (normFirst) transformerEncoderLayer(t *encoder) { t.normFirst = true }

// EncoderActivation sets the activation between the dense layers; [ReLU] by default.
func EncoderActivation(f func(x *graph.Node) *graph.Node) TransformerEncoderLayerOption {
	return encoderActivation(f)
}

type encoderActivation func(x *graph.Node) *graph.Node

func (f encoderActivation) transformerEncoderLayer(t *encoder) { t.activation = f }

type encoder struct {
	multihead
	ff         int
	activation func(x *graph.Node) *graph.Node
	normFirst  bool
}

func (t *encoder) attend(s *graph.Scope, x *graph.Node) *graph.Node {
	y := t.multihead.of(s.In("self_attn").Layer("MultiheadAttention"), x, x, x)
	return t.dropped(s.In("dropout1"), y)
}

func (t *encoder) dense(s *graph.Scope, x *graph.Node) *graph.Node {
	if t.activation == nil {
		return s.Errorf("the function of EncoderActivation is nil")
	}
	activation := func(_ *graph.Scope, x *graph.Node) *graph.Node { return t.activation(x) }
	y := replaced(s, "EncoderActivation", activation, Linear(s.In("linear1"), x, t.ff))
	y = Linear(s.In("linear2"), t.dropped(s.In("dropout"), y), x.Dim(-1))
	return t.dropped(s.In("dropout2"), y)
}
