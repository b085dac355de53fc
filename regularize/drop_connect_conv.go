package regularize

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/nodes"
)

// DropConnectConv2D is a convolution that drops elements of its kernels, with the
// activation that follows it:
//
//	u = conv(x, k∘weight) + k'∘bias
//	y = a(u)
//
// where k and k', with a factor for each element, are 0 with probability p, else
// 1/(1-p), and a is the [Activation], by default none. The bias is dropped as any
// weight. The gradients are those of the masked weights: dweight = k∘dweight'.
//
// One mask serves a whole step: all samples of the batch and all positions share it. So
// it costs little more than a plain convolution, as does [DropConnect] by
// [nodes.Parametrize], which leaves the bias as it is and has no activation.
// [DropConnectLinear], as the paper, draws a mask for each sample, and [DropFilterR]
// one for each position.
//
// Shapes and parameters are those of [nodes.Conv2D]. p and modes are as for [Dropout];
// the weight is drawn for from the stream of s, such as conv1, and the bias from
// conv1.bias.
//
// In [graph.Eval] mode the mean weights are used, y = a(conv(x, weight) + bias). Over
// masks u has a sum of many terms and is close to normal, with that mean and the variance
//
//	s² = p/(1-p) · (conv(x∘x, weight∘weight) + bias∘bias)
//
// and the mean of a(u) is not a of the mean. [GaussianMean] and [GaussianReLU] evaluate
// it, as the paper does in linear layers. That takes two convolutions.
//
// Options: [Activation], [GaussianMean], [GaussianReLU], [ConvOptions], a [Schedule],
// of which one that draws its rates draws one for the weight and one for the bias, and
// [Classic]: k is 0 or 1, in evaluation the mean of u is 1-p times as large, and s² has
// the factor p·(1-p).
//
// Source: Wan, Zeiler, Zhang, LeCun, Fergus, Regularization of Neural Networks using
// DropConnect, ICML 2013, https://proceedings.mlr.press/v28/wan13.html, for linear
// layers.
func DropConnectConv2D(s *graph.Scope, x *graph.Node, out, k int, p float64, opts ...DropConnectConvOption) *graph.Node {
	return dropConnectConv(s.Layer("DropConnectConv2D", x), x, nodes.Conv2D, out, k, p, opts)
}

// DropConnectConv1D is [DropConnectConv2D] with one spatial axis: x is (N, in, L).
func DropConnectConv1D(s *graph.Scope, x *graph.Node, out, k int, p float64, opts ...DropConnectConvOption) *graph.Node {
	return dropConnectConv(s.Layer("DropConnectConv1D", x), x, nodes.Conv1D, out, k, p, opts)
}

// DropConnectConv3D is [DropConnectConv2D] with three spatial axes: x is (N, in, D, H, W).
func DropConnectConv3D(s *graph.Scope, x *graph.Node, out, k int, p float64, opts ...DropConnectConvOption) *graph.Node {
	return dropConnectConv(s.Layer("DropConnectConv3D", x), x, nodes.Conv3D, out, k, p, opts)
}

// A DropConnectConvOption adjusts one [DropConnectConv1D], [DropConnectConv2D],
// [DropConnectConv3D] or [DropFilterR].
type DropConnectConvOption interface{ dropConnectConv(*dropConnectConfig) }

// ConvOptions passes options to the convolution of a [DropConnectConv2D], its kin, or a
// [DropFilterR], such as [nodes.Stride].
func ConvOptions(opts ...nodes.ConvOption) DropConnectConvOption {
	return convOptions(slices.Clone(opts))
}

type convOptions []nodes.ConvOption

func (o convOptions) dropConnectConv(c *dropConnectConfig) { c.conv = append(c.conv, o...) }

// convolve is [nodes.Conv1D] or one of its kin.
type convolve func(s *graph.Scope, x *graph.Node, out, k int, opts ...nodes.ConvOption) *graph.Node

func dropConnectConv(s *graph.Scope, x *graph.Node, f convolve, out, k int, p float64, opts []DropConnectConvOption) *graph.Node {
	c := newDropConnect(p)
	for _, opt := range guard.Given(opts) {
		opt.dropConnectConv(&c)
	}
	return c.layer(s, x, x.Dims()-1, func(s *graph.Scope) *graph.Node {
		return f(s, x, out, k, c.conv...)
	}, func(s *graph.Scope, key philox.Key, u *graph.Node) *graph.Node {
		op, in := u.Made()
		drop := func(w *graph.Node) noise {
			return noise{rate: c.rate, shape: w.Shape(), scale: c.scale}
		}
		in[1] = drop(in[1]).apply(s, key, true, in[1])
		if len(in) > 2 {
			in[2] = drop(in[2]).on(s.In("bias").Layer("DropConnect"), in[2])
		}
		return s.Apply(op, in...)
	})
}
