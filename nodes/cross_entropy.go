package nodes

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// CrossEntropy is the loss of logits y over C classes, for each position n
//
//	loss[n] = -w[t] · log softmax(y[n])[t],   t = target[n]
//
// and by default their mean. w is 1 without [ClassWeights]; with them, the mean
// divides the sum by Σ w[target[n]]. With [LabelSmoothing] e,
//
//	loss[n] = -Σ_c q[c] · w[c] · log softmax(y[n])[c],   q[c] = (1-e)·[c=t] + e/C
//
// Positions whose target is -100, or another [IgnoreIndex], have loss 0 and do
// not count; the mean is NaN if none is left, and its gradient 0.
//
// Shapes: y is (N, C) or (N, C, ...). The target is either class indices of type
// tensor.Int and shape (N) or (N, ...); an index outside 0 ≤ t < C is an error
// when the loss is computed. Or it is probabilities of the shape and type of y,
// which take the place of [c=t] above; then no position is ignored, and a mean
// divides by the number of positions, with or without weights.
//
// Options: [Reduction], [ClassWeights], [LabelSmoothing], [IgnoreIndex]. All are
// as in PyTorch.
//
// Source of the smoothing: Szegedy et al., Rethinking the Inception Architecture
// for Computer Vision, CVPR 2016, https://arxiv.org/abs/1512.00567.
func CrossEntropy(opts ...CrossEntropyOption) graph.Loss {
	o := defaultClassLoss()
	for _, opt := range guard.Given(opts) {
		opt.crossEntropy(o)
	}
	return func(y, target *graph.Node) *graph.Node {
		s := y.Layer("CrossEntropy", target)
		if err := o.check(y, target); err != nil {
			return s.Fail(err)
		}
		if target.Dtype() == tensor.Int {
			return o.ofIndices(s, s.Apply(logSoftmax{1}, y), target)
		}
		if err := o.checkProbabilities(y, target); err != nil {
			return s.Fail(err)
		}
		losses := s.Apply(softNLL{o.weights, o.smoothing}, s.Apply(logSoftmax{1}, y), target)
		return o.reduction.of(s, losses)
	}
}

// A CrossEntropyOption adjusts one [CrossEntropy].
type CrossEntropyOption interface{ crossEntropy(*classLoss) }

// LabelSmoothing sets the share of each target that is spread over all classes,
// from 0 to 1; 0 by default.
func LabelSmoothing(e float64) CrossEntropyOption { return labelSmoothing(e) }

type labelSmoothing float64

func (e labelSmoothing) crossEntropy(o *classLoss) { o.smoothing = float64(e) }

// checkProbabilities looks at a target of probabilities.
func (o *classLoss) checkProbabilities(y, target *graph.Node) error {
	if !slices.Equal(target.Shape(), y.Shape()) || target.Dtype() != y.Dtype() {
		return errors.Errorf("the prediction has shape %v and the target %v of %v, want class indices of type int and shape %v, or probabilities of type %v and the shape of the prediction",
			y.Shape(), target.Shape(), target.Dtype(), positions(y.Shape()), y.Dtype())
	}
	if o.ignoreIndex >= 0 {
		return errors.Errorf("IgnoreIndex is %d and the target holds probabilities, want class indices to ignore one", o.ignoreIndex)
	}
	return nil
}
