package nodes

import (
	"math"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// attention is what the options of attentions set.
type attention struct {
	scale         *float64
	causal        bool
	mask, lengths *graph.Node
	drop          graph.Func
}

// An AttentionOption adjusts any attention.
type AttentionOption interface {
	ScaledDotProductAttentionOption
	MultiheadAttentionOption
	TransformerEncoderLayerOption
}

// Causal lets query i look at the keys up to i alone, counted from the first, as
// PyTorch's is_causal.
func Causal() AttentionOption { return attentionOption(func(a *attention) { a.causal = true }) }

// KeyLengths makes the keys of sample n from lengths[n] on not count, those of a
// padding at the end: lengths has shape (N), of type tensor.Int or of the model's
// type, and no gradient; see [SequenceLengths]. What is there must be finite all the
// same.
func KeyLengths(lengths *graph.Node) AttentionOption {
	return attentionOption(func(a *attention) { a.lengths = lengths })
}

// AttentionMask adds a mask to the scores (N, heads, L, S), or (N, L, S) without heads,
// to which it is broadcast: -Inf where a query may not look at a key. A mask of keys
// (N, S) is so one of (N, 1, 1, S). It may have a gradient, as that of relative
// positions does.
func AttentionMask(mask *graph.Node) AttentionOption {
	return attentionOption(func(a *attention) { a.mask = mask })
}

// DropWith makes f of values wherever the module of PyTorch has a dropout: f returns a
// node of the shape of its input. Without it nothing is dropped.
//
//	nodes.DropWith(func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.1) })
func DropWith(f graph.Func) AttentionOption {
	return attentionOption(func(a *attention) { a.drop = f })
}

type attentionOption func(*attention)

func (f attentionOption) scaledDotProductAttention(a *attention) { f(a) }
func (f attentionOption) multiheadAttention(m *multihead)        { f(&m.attention) }
func (f attentionOption) transformerEncoderLayer(t *encoder)     { f(&t.multihead.attention) }

// AttentionScale sets what scores are multiplied by; 1/√d by default.
func AttentionScale(scale float64) ScaledDotProductAttentionOption { return attentionScale(scale) }

type attentionScale float64

func (v attentionScale) scaledDotProductAttention(a *attention) {
	scale := float64(v)
	a.scale = &scale
}

// dropped returns what drop makes of x at s.
func dropped(s *graph.Scope, drop graph.Func, x *graph.Node) *graph.Node {
	if drop == nil {
		return x
	}
	y := drop(s, x)
	switch {
	case y == nil:
		return s.Errorf("the function of DropWith returned nil, want a node")
	case s.Err() == nil && !slices.Equal(y.Shape(), x.Shape()):
		return s.Errorf("the function of DropWith returned shape %v for one of %v, want the same", y.Shape(), x.Shape())
	}
	return y
}

// of declares the attention of q, k and v, whose shapes fit.
func (a *attention) of(s *graph.Scope, q, k, v *graph.Node) *graph.Node {
	op := attentionWeights{scale: 1 / math.Sqrt(float64(q.Dim(-1))), causal: a.causal, mask: a.mask != nil, lengths: a.lengths != nil}
	if a.scale != nil {
		op.scale = *a.scale
	}
	if math.IsNaN(op.scale) || math.IsInf(op.scale, 0) {
		return s.Errorf("AttentionScale is %v, want a finite value", op.scale)
	}
	in := []*graph.Node{s.Apply(matMul{b: swappedLast(q.Dims())}, q, k)}
	if op.mask {
		if err := sameTypes(q, a.mask); err != nil {
			return s.Errorf("the mask has type %v, want %v", a.mask.Dtype(), q.Dtype())
		}
		in = append(in, a.mask)
	}
	if op.lengths {
		if dt := a.lengths.Dtype(); dt != tensor.Int && dt != q.Dtype() && s.Err() == nil {
			return s.Errorf("the lengths have type %v, want int or %v", dt, q.Dtype())
		}
		in = append(in, a.lengths)
	}
	weights := dropped(s.In("dropout"), a.drop, s.Apply(op, in...))
	return s.Apply(matMul{}, weights, v)
}
