package regularize

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/nodes"
)

// DropConnectLinear is a linear map that drops other weights for each sample, with
// the activation that follows it:
//
//	u[n,o] = Σ_i k[n,o,i] · weight[o,i] · x[n,i] + k[n,o,in] · bias[o]
//	y = a(u)
//
// where k is 0 with probability p, else 1/(1-p), and a is the [Activation], by default
// none. The bias is dropped as any weight. The gradients are those of the masked
// weights: dweight[o,i] = Σ_n k[n,o,i]·du[n,o]·x[n,i].
//
// Shapes and parameters are those of [nodes.Linear]: x is (..., in) with two axes or
// more, each row of which is a sample; y is (..., out); weight is (out, in) and bias
// (out). p and the random stream are as for [Dropout].
//
// In [graph.Eval] mode the mean weights are used, y = a(x·weightᵀ + bias). Over masks u
// has a sum of many terms and is close to normal, with that mean and the variance
//
//	s²[n,o] = p/(1-p) · (Σ_i weight[o,i]²·x[n,i]² + bias[o]²)
//
// and the mean of a(u) is not a of the mean. [GaussianMean] and [GaussianReLU] evaluate
// it, as the paper does.
//
// Masks are not kept: each pass draws them, N·out·in numbers in the forward pass and
// twice as many in the backward pass. With 800 inputs and outputs and a batch of 100 a
// step takes 17 times as long as that of a Linear. With [DropConnect], which draws one
// mask for all samples, it takes 1.1 times as long.
//
// Options: [Activation], [GaussianMean], [GaussianReLU], [LinearOptions], a [Schedule],
// and [Classic], which is the paper's form: k is 0 or 1, and in evaluation the mean of u
// is (1-p)·(x·weightᵀ + bias), and s² has the factor p·(1-p).
//
// Source: Wan, Zeiler, Zhang, LeCun, Fergus, Regularization of Neural Networks using
// DropConnect, ICML 2013, https://proceedings.mlr.press/v28/wan13.html.
func DropConnectLinear(s *graph.Scope, x *graph.Node, out int, p float64, opts ...DropConnectLinearOption) *graph.Node {
	c := newDropConnect(p)
	for _, opt := range guard.Given(opts) {
		opt.dropConnectLinear(&c)
	}
	return c.layer(s.Layer("DropConnectLinear", x), x, 1, func(s *graph.Scope) *graph.Node {
		return nodes.Linear(s, x, out, c.linear...)
	}, func(s *graph.Scope, key philox.Key, u *graph.Node) *graph.Node {
		_, in := u.Made()
		return s.Apply(dropConnect{bernoulli{key, c.rate, c.scale}}, append(in, s.Step())...)
	})
}

// A DropConnectLinearOption adjusts one [DropConnectLinear].
type DropConnectLinearOption interface{ dropConnectLinear(*dropConnectConfig) }

// LinearOptions passes options to the linear map of a [DropConnectLinear], such as
// [nodes.WeightInit].
func LinearOptions(opts ...nodes.LinearOption) DropConnectLinearOption {
	return linearOptions(slices.Clone(opts))
}

type linearOptions []nodes.LinearOption

func (o linearOptions) dropConnectLinear(c *dropConnectConfig) { c.linear = append(c.linear, o...) }
