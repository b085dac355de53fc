package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/nodes"
)

// Dropout zeroes each element of x with probability p and scales up the others,
// so that the mean of y is x:
//
//	y = k · x,   k = 0 with probability p, else 1/(1-p)
//
// and dx = k · dy with the same k. x may have any shape; y is as x. What is
// dropped is exactly 0, even where x is NaN or infinite.
//
// In [graph.Eval] mode y is x itself. In all other modes k is a function of the
// seed of the model, the path of s, the step, and the position of the element.
// So a path belongs to one random node: a second one in the same scope is an
// error, in every mode.
//
// p is a probability to drop, from 0 to 1. It is rounded to a 65536th, since a
// draw takes 16 bits, and the scale uses the rounded value. With p = 0 y is x;
// with p = 1 y and dx are 0.
//
// On the input of a model it is input or visible dropout, for which the paper takes
// p = 0.2, and 0.5 for hidden units.
//
// On a sequence (N, T, F) each time step of each sample draws for itself, as in the
// layers of MATLAB and between those of PyTorch's LSTM; [LockedDropout] draws one
// mask for all steps.
//
// Options: [NoiseShape], [Classic], a [Schedule]. It is PyTorch's and Keras's
// Dropout, and MATLAB's dropoutLayer.
//
// Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout: A
// Simple Way to Prevent Neural Networks from Overfitting, JMLR 15, 2014,
// https://jmlr.org/papers/v15/srivastava14a.html. There p is the probability to
// keep, and the scaling is left to evaluation, as with [Classic].
func Dropout(s *graph.Scope, x *graph.Node, p float64, opts ...DropoutOption) *graph.Node {
	s = s.Layer("Dropout", x)
	c := dropoutConfig{rate: rate{p: p}}
	for _, opt := range guard.Given(opts) {
		opt.dropout(&c)
	}
	c.rate.check(s)
	y := noise{rate: c.rate, shape: c.noise.of(s, x), scale: c.scale, also: c.noise.text()}.on(s, x)
	op, _ := y.Made()
	if _, each := op.(dropout); each && y != x {
		if nodes.AfterConvolution(x) {
			s.Warn(singlePixels, nil)
		}
		s.WarnIfLast(ofOutput, y)
	}
	return y
}

// ofOutput is the warning of what a loss reads.
const ofOutput = "dropout of what the model returns: training compares zeros, and values times 1/(1-p), with the targets, and predictions are others: put dropout before the last layer"

// singlePixels is the warning of what hides little.
const singlePixels = "dropout of single pixels just after a convolution hides little, since their neighbours say nearly the same: drop whole maps or blocks by SpatialDropout2D or DropBlock2D (Tompson et al. 2015, https://arxiv.org/abs/1411.4280; Ghiasi et al. 2018, https://arxiv.org/abs/1810.12890); wide residual networks gain from it all the same (https://arxiv.org/abs/1605.07146)"

// A DropoutOption adjusts one [Dropout].
type DropoutOption interface{ dropout(*dropoutConfig) }

type dropoutConfig struct {
	rate  rate
	noise noiseShape
	scale scaling
}

// An Option, which is a [Schedule], adjusts any node of this package that draws at a
// rate.
type Option interface {
	DropoutOption
	AlphaDropoutOption
	StochasticDepthOption
	FocusedDropoutOption
	DropBlockOption
	WeightedChannelDropoutOption
	DropConnectOption
	DropConnectLayerOption
	MaxPoolDropoutOption
	MaxDropOption
	option(*rate)
}
