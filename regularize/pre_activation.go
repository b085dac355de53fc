package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// PreActivationConv2D is a convolution with what belongs before it, in the order
// that the paper recommends:
//
//	y = conv(drop(relu(bn(x))))
//
// Its norm reads nothing that its own dropout left. That of a block behind it does, with
// a convolution between, so of two in a row [graph.Model.Summary] warns: see the package
// comment on what that does. Its parts are at bn, drop and conv in s. drop is
// any node of this package, or nil for none. What a block drops at a time:
//
//	a neuron   func(s, x) { return regularize.Dropout(s, x, 0.1) }
//	a channel  func(s, x) { return regularize.SpatialDropout2D(s, x, 0.1) }
//	a path     [StochasticDepth] on one of several paths that are added up
//	a layer    [StochasticDepth] on the branch of a [nodes.Residual]
//
// In [graph.Eval] mode it is the block without drop, bit for bit.
//
// Shapes and options are those of [nodes.Conv2D].
//
// Source: Cai, Shu, Chen, Ooi, Wang, Zhang, Effective and Efficient Dropout for Deep
// Convolutional Neural Networks, https://arxiv.org/abs/1904.03392; the order is that
// of He et al., Identity Mappings in Deep Residual Networks, ECCV 2016,
// https://arxiv.org/abs/1603.05027.
func PreActivationConv2D(s *graph.Scope, x *graph.Node, out, k int, drop graph.Func, opts ...nodes.ConvOption) *graph.Node {
	s.Layer("PreActivationConv2D", x)
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn"), x))
	if drop != nil {
		x = drop(s.In("drop"), x)
	}
	return nodes.Conv2D(s.In("conv"), x, out, k, opts...)
}
