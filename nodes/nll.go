package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// NLL is the negative log-likelihood: the loss of log-probabilities y over C
// classes, such as [LogSoftmax] gives, for each position n
//
//	loss[n] = -w[t] · y[n][t],   t = target[n]
//
// and by default their mean. Weights, ignored positions, shapes and class
// indices are as in [CrossEntropy], which is this loss after LogSoftmax.
//
// Options: [Reduction], [ClassWeights], [IgnoreIndex].
func NLL(opts ...NLLOption) graph.Loss {
	o := defaultClassLoss()
	for _, opt := range guard.Given(opts) {
		opt.nll(o)
	}
	return func(y, target *graph.Node) *graph.Node {
		s := y.Layer("NLL", target)
		if err := o.check(y, target); err != nil {
			return s.Fail(err)
		}
		if target.Dtype() != tensor.Int {
			return s.Errorf("the target has type %v, want class indices of type int", target.Dtype())
		}
		return o.ofIndices(s, y, target)
	}
}

// An NLLOption adjusts one [NLL].
type NLLOption interface{ nll(*classLoss) }

// ofIndices is the loss for a target of class indices.
func (o *classLoss) ofIndices(s *graph.Scope, logp, target *graph.Node) *graph.Node {
	op := nllSettings{classes: logp.Dim(1), weights: o.weights, smoothing: o.smoothing, ignoreIndex: o.ignoreIndex}
	losses := s.Apply(nllLosses{op}, logp, target)
	if o.reduction == Mean {
		return s.Apply(nllMean{op}, losses, target)
	}
	return o.reduction.of(s, losses)
}
