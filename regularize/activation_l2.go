package regularize

import "github.com/thinnet/thinnet/graph"

// ActivationL2 adds to the training loss, for activations h of any shape,
//
//	α · mean(h²)
//
// the mean being over all elements. It is the activation regularisation (AR) of
// language models, there with α = 2 and for the output of the last LSTM layer after
// its dropout. For h before a dropout of the same p it is weaker by the factor 1-p.
// α must be finite and not negative.
//
// The papers print α·L₂(m ⊙ h), L₂ being a norm; what their program computes, and
// what the value of α is for, is the mean of squares. Keras's ActivityRegularization
// adds up instead, so its l2 is α divided by the number of elements of a sample.
//
// Only [graph.Train] mode has the term; see [graph.Scope.AddLoss].
//
// Source: Merity, McCann, Socher, Revisiting Activation Regularization for Language
// RNNs, 2017, https://arxiv.org/abs/1708.01009.
func ActivationL2(s *graph.Scope, h *graph.Node, alpha float64) {
	s = s.Layer("ActivationL2", h)
	if checkStrength(s, "α", alpha) {
		addMeanSquare(s, h, alpha)
	}
}

// addMeanSquare adds a·mean(x²) to the training loss.
func addMeanSquare(s *graph.Scope, x *graph.Node, a float64) {
	if x.Dtype() != s.Dtype() {
		s.Errorf("the activations have element type %v, want %v", x.Dtype(), s.Dtype())
		return
	}
	if s.Mode() == graph.Train {
		s.AddLoss(s.Apply(l2{a / float64(x.Shape().TotalSize())}, x))
	}
}
