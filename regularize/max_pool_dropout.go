package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/nodes"
)

// MaxPoolDropout2D is max pooling over windows of k by k of which each element is
// dropped with probability p. In training
//
//	y = max over the window of m · x,   m = 0 with probability p, else 1
//
// so with q = 1-p and the elements of a window in order, x₍₀₎ ≥ x₍₁₎ ≥ ... ≥ 0, y is
// x₍ᵣ₎ with probability q·pʳ, and 0 if all are dropped. Nothing is scaled. In
// evaluation y is the mean of that, probabilistic weighted pooling:
//
//	y = Σ_r q · pʳ · x₍ᵣ₎
//
// In training the gradient goes to the element that wins, to none if all are dropped;
// in evaluation to each by its weight.
//
// x must not be negative, so it belongs after a ReLU: a dropped element counts as 0.
// p is rounded as for [Dropout].
//
// Shapes: x is (N, C, H, W); y is as for [nodes.MaxPool2D].
//
// Modes and the random stream are as for [Dropout]. Options: [Window], [PredictMax],
// [PredictScaledMax], a [Schedule]; evaluation goes by the rate it ends with.
//
// Source: Wu, Gu, Towards Dropout Training for Convolutional Neural Networks, Neural
// Networks 71, 2015, https://arxiv.org/abs/1512.00242. There p is the probability to
// keep.
func MaxPoolDropout2D(s *graph.Scope, x *graph.Node, p float64, k int, opts ...MaxPoolDropoutOption) *graph.Node {
	return maxPoolDropout(s.Layer("MaxPoolDropout2D", x), x, p, 2, k, nodes.MaxPool2D, nodes.RankPool2D, opts)
}

// MaxPoolDropout1D is [MaxPoolDropout2D] with one spatial axis: x is (N, C, L).
func MaxPoolDropout1D(s *graph.Scope, x *graph.Node, p float64, k int, opts ...MaxPoolDropoutOption) *graph.Node {
	return maxPoolDropout(s.Layer("MaxPoolDropout1D", x), x, p, 1, k, nodes.MaxPool1D, nodes.RankPool1D, opts)
}

// A MaxPoolDropoutOption adjusts one [MaxPoolDropout1D] or [MaxPoolDropout2D].
type MaxPoolDropoutOption interface{ maxPoolDropout(*maxPoolConfig) }

type maxPoolConfig struct {
	rate       rate
	window     []nodes.MaxPoolOption
	prediction prediction
}

func (sc Schedule) maxPoolDropout(c *maxPoolConfig) { c.rate.take(sc) }

// A WindowOption adjusts any pooling of this package.
type WindowOption interface {
	MaxPoolDropoutOption
	StochasticPoolOption
}

// Window sets what a pooling looks at, in the terms of a max pooling.
//
//	regularize.MaxPoolDropout2D(s.In("pool"), x, 0.5, 3, regularize.Window(nodes.Stride(2), nodes.Pad(1)))
func Window(opts ...nodes.MaxPoolOption) WindowOption { return window(opts) }

type window []nodes.MaxPoolOption

func (w window) maxPoolDropout(c *maxPoolConfig) { c.window = append(c.window, w...) }

// PredictMax makes evaluation plain max pooling: too large, as training drops the
// largest element with probability p. It is one of two rules to which the paper
// compares its own.
func PredictMax() MaxPoolDropoutOption { return byMax }

// PredictScaledMax makes evaluation max pooling times 1-p: too small, as training
// falls back on smaller elements. It is the other rule of the paper's comparison.
func PredictScaledMax() MaxPoolDropoutOption { return byScaledMax }

// A prediction is the rule by which evaluation pools.
type prediction uint8

const (
	byWeights prediction = iota
	byMax
	byScaledMax
)

func (rule prediction) maxPoolDropout(c *maxPoolConfig) { c.prediction = rule }

func maxPoolDropout(s *graph.Scope, x *graph.Node, p float64, axes, k int,
	largest func(*graph.Node, int, ...nodes.MaxPoolOption) *graph.Node,
	ranked func(*graph.Node, int, []float64, ...nodes.MaxPoolOption) *graph.Node,
	opts []MaxPoolDropoutOption) *graph.Node {
	c := maxPoolConfig{rate: rate{p: p}}
	for _, opt := range guard.Given(opts) {
		opt.maxPoolDropout(&c)
	}
	c.rate.check(s)
	if c.prediction != byMax {
		c.rate.checkEnd(s, "a pooling other than PredictMax")
	}
	w, err := windowsOver(x, axes, k, c.window)
	if err != nil {
		return s.Fail(err)
	}
	if s.Mode().Draws() {
		return largest(noise{rate: c.rate, shape: x.Shape(), scale: unscaled}.on(s, x), k, c.window...)
	}
	claim(s, x, true)
	if s.Err() != nil || c.prediction == byMax {
		return largest(x, k, c.window...)
	}
	drop := 1 - c.rate.finalKeep()
	switch {
	case drop == 0:
		return largest(x, k, c.window...)
	case c.prediction == byScaledMax:
		return ranked(x, k, []float64{1 - drop}, c.window...)
	}
	return ranked(x, k, rankWeights(drop, w.Kernel[0]*w.Kernel[1]*w.Kernel[2]), c.window...)
}

// rankWeights returns (1-p)·pʳ for the elements of a window of n, as far as they are
// not too small to matter.
func rankWeights(p float64, n int) []float64 {
	weights := []float64{1 - p}
	for len(weights) < n && p*weights[len(weights)-1] > 0x1p-60 {
		weights = append(weights, p*weights[len(weights)-1])
	}
	return weights
}
