package nodes

import (
	"fmt"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// BCEWithLogits is the binary cross-entropy of sigmoid(y), for each element
//
//	loss = -(w · t · log sigmoid(y) + (1-t) · log(1 - sigmoid(y)))
//
// and by default their mean. It is computed from the logit y, so that nothing
// overflows. t is the target, a probability from 0 to 1; other values are not
// refused. w is 1, or by [PosWeight] how many times a yes counts.
//
// Shapes: y is (N), (N, C) or (N, C, ...), with C independent questions; the
// target has the shape and the type of y.
//
// With [ClassWeights], loss is multiplied by the weight of its c; a mean still
// divides by the number of elements.
//
// Options: [Reduction], [PosWeight], [ClassWeights]. All are as in PyTorch, but
// that weights go by axis 1, where PyTorch broadcasts them from the last.
func BCEWithLogits(opts ...BCEOption) graph.Loss {
	o := &binaryLoss{}
	for _, opt := range guard.Given(opts) {
		opt.bce(o)
	}
	return func(y, target *graph.Node) *graph.Node {
		s := y.Layer("BCEWithLogits", target)
		if err := checkElements(y, target); err != nil {
			return s.Fail(err)
		}
		classes, inner := 1, 1
		if shape := y.Shape(); len(shape) > 1 {
			classes, inner = shape[1], shape[2:].TotalSize()
		}
		pos := o.pos
		if len(pos) == 1 {
			pos = repeat(pos, classes) // one for all
		}
		if err := checkWeights("class weight", o.weights, classes); err != nil {
			return s.Fail(err)
		}
		if err := checkWeights("PosWeight", pos, classes); err != nil {
			return s.Fail(err)
		}
		op := bceOp{
			attributes: fmt.Sprintf("{weights %v, pos %v}", o.weights, pos),
			weights:    repeat(o.weights, inner),
			pos:        repeat(pos, inner),
		}
		return o.reduction.of(s, s.Apply(op, y, target))
	}
}

// A BCEOption adjusts one [BCEWithLogits].
type BCEOption interface{ bce(*binaryLoss) }

type binaryLoss struct {
	reduction    Reduction
	weights, pos []float64
}

// PosWeight makes a yes, the target 1, count w times as much as a no: one w for
// all classes, or one for each, finite and not negative.
func PosWeight(w ...float64) BCEOption { return posWeight(slices.Clone(w)) }

type posWeight []float64

func (w posWeight) bce(o *binaryLoss) { o.pos = w }

// repeat returns every element n times in a row.
func repeat(x []float64, n int) []float64 {
	var out []float64
	for _, v := range x {
		for range n {
			out = append(out, v)
		}
	}
	return out
}
