package nodes

import (
	"math"

	"github.com/thinnet/thinnet/graph"
)

// attention is what the options of attentions set.
type attention struct {
	scale         *float64
	causal        bool
	mask, lengths *graph.Node
	drop          graph.Func

	givenMask, givenLengths, givenDrop bool
}

// An AttentionOption adjusts any attention.
type AttentionOption interface {
	ScaledDotProductAttentionOption
	MultiheadAttentionOption
	TransformerEncoderLayerOption
}

// Causal lets query i look at the keys up to i alone, counted from the first, as
// PyTorch's is_causal. The values of the others must be finite all the same: a weight of
// 0 makes NaN of a value that is not.
func Causal() AttentionOption { return attentionOption(func(a *attention) { a.causal = true }) }

// KeyLengths makes the keys of sample n from lengths[n] on not count, those of a
// padding at the end: lengths has shape (N) and holds whole numbers from 0 to S, of the
// types that [Lengths] takes, and no gradient; see [SequenceLengths]. The values there
// must be finite all the same. It is PyTorch's key_padding_mask.
func KeyLengths(lengths *graph.Node) AttentionOption {
	return attentionOption(func(a *attention) { a.lengths, a.givenLengths = lengths, true })
}

// AttentionMask adds a mask to the scores (N, heads, L, S), or (N, L, S) without heads,
// to which it is broadcast: -Inf where a query may not look at a key. A mask of keys
// (N, S) is so one of (N, 1, 1, S). It may have a gradient, as that of relative
// positions does. One that is known is a constant, [graph.Scope.Floats]; the example
// makes one of the input.
func AttentionMask(mask *graph.Node) AttentionOption {
	return attentionOption(func(a *attention) { a.mask, a.givenMask = mask, true })
}

// DropWith makes f of values wherever the module of PyTorch has a dropout: f returns a
// node of the shape and type of its input. Without it nothing is dropped.
//
//	nodes.DropWith(func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.1) })
func DropWith(f graph.Func) AttentionOption {
	return attentionOption(func(a *attention) { a.drop, a.givenDrop = f, true })
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

// dropped returns what the function of [DropWith] makes of x at s.
func (a *attention) dropped(s *graph.Scope, x *graph.Node) *graph.Node {
	if !a.givenDrop {
		return x
	}
	return replaced(s, "DropWith", a.drop, x)
}

// of declares the attention of q, k and v, whose shapes fit; or which are inert, after a
// mistake.
func (a *attention) of(s *graph.Scope, q, k, v *graph.Node) *graph.Node {
	op := attentionWeights{scale: 1 / math.Sqrt(float64(q.Dim(-1))), causal: a.causal, mask: a.givenMask, lengths: a.givenLengths}
	if a.scale != nil {
		op.scale = *a.scale
	}
	if math.IsNaN(op.scale) || math.IsInf(op.scale, 0) {
		return s.Errorf("AttentionScale is %v, want a finite value", op.scale)
	}
	if s.Err() != nil {
		return s.Fail(s.Err())
	}
	in := []*graph.Node{s.Apply(matMul{b: swappedLast(q.Dims())}, q, k)}
	if op.mask {
		if a.mask == nil {
			return s.Errorf("AttentionMask is nil, want a node")
		}
		wantModelType(s, "AttentionMask", a.mask)
		in = append(in, a.mask)
	}
	if op.lengths {
		lengths := checkedLengths{"KeyLengths", k.Dims() - 2, "keys"}
		in = append(in, lengths.apply(s, k, a.lengths))
	}
	weights := a.dropped(s.In("dropout"), s.Apply(op, in...))
	return s.Apply(matMul{}, weights, v)
}
