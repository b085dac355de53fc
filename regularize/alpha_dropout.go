package regularize

import (
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
)

// AlphaDropout sets each element of x to α' with probability p, and then maps all so
// that a mean of 0 and a variance of 1 stay what they are:
//
//	y = a · (m·x + (1-m)·α') + b,   m = 0 with probability p, else 1
//
// where α' = -1.7580993408473766 is what [nodes.SELU] tends to far below 0,
// a = ((1-p)·(1+p·α'²))^(-1/2) and b = -a·p·α'. So dx = a·m·dy. x may have any shape; y
// is as x. What is dropped is a·α'+b, even where x is NaN or infinite.
//
// It belongs after SELU, in a network whose weights start as [graph.KaimingNormal] of
// [graph.GainLinear] has them; rates are small, from 0.05 to 0.1.
//
// Modes, p and the random stream are as for [Dropout]; with p = 1 y and dx are 0, as
// in PyTorch. Options: [NoiseShape], a [Schedule]. It is PyTorch's and Keras's
// AlphaDropout.
//
// Source: Klambauer, Unterthiner, Mayr, Hochreiter, Self-Normalizing Neural Networks,
// NeurIPS 2017, https://arxiv.org/abs/1706.02515.
func AlphaDropout(s *graph.Scope, x *graph.Node, p float64, opts ...AlphaDropoutOption) *graph.Node {
	s = s.Layer("AlphaDropout", x)
	c := alphaConfig{rate: rate{p: p}}
	for _, opt := range guard.Given(opts) {
		opt.alphaDropout(&c)
	}
	c.rate.check(s)
	return noise{rate: c.rate, shape: c.noise.of(s, x), scale: selfNormal, also: c.noise.text()}.on(s, x)
}

// FeatureAlphaDropout is [AlphaDropout] of whole channels: each channel of each sample
// is set to α' with probability p, at all positions together. Shapes: x is (N, C, ...)
// with positions; y is as x. The option is a [Schedule]. It is PyTorch's
// FeatureAlphaDropout.
func FeatureAlphaDropout(s *graph.Scope, x *graph.Node, p float64, opts ...Option) *graph.Node {
	s = s.Layer("FeatureAlphaDropout", x)
	if x.Dims() < 3 && s.Err() == nil {
		return s.Errorf("x has shape %v, want (N, C, ...) with positions; without them, use AlphaDropout", x.Shape())
	}
	return noise{rate: newRate(s, p, opts), shape: along(x, 0, 1), scale: selfNormal}.on(s, x)
}

// An AlphaDropoutOption adjusts one [AlphaDropout].
type AlphaDropoutOption interface{ alphaDropout(*alphaConfig) }

type alphaConfig struct {
	rate  rate
	noise noiseShape
}

func (sc Schedule) alphaDropout(c *alphaConfig)  { c.rate.take(sc) }
func (n noiseShape) alphaDropout(c *alphaConfig) { c.noise = n }

// alphaPrime is -λα of SELU.
const alphaPrime = -1.7580993408473766

// affine returns a, b and what becomes of a dropped element for the rate of a mask.
// Where all is dropped they are 0.
func affine(m kernel.Mask) (a, b, dropped float64) {
	p := float64(m.Threshold) / (1 << 16)
	if p == 1 {
		return 0, 0, 0
	}
	a = 1 / math.Sqrt((1-p)*(1+p*alphaPrime*alphaPrime))
	b = -a * p * alphaPrime
	return a, b, a*alphaPrime + b
}
