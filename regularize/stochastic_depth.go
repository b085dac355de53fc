package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// StochasticDepth drops x, the branch of a residual block, with probability p, and
// leaves the block its shortcut:
//
//	y = k · x,   k = 0 with probability p, else 1/(1-p)
//
//	x = nodes.Add(x, regularize.StochasticDepth(s.In("depth"), branch, 0.2))
//
// with one k for the whole batch, or with [RowMode] for each sample. x may have any
// shape with a batch axis; y is as x. [LinearDecay] gives the rates of a stack of
// blocks.
//
// The branch is computed all the same, and its gradients are 0 where it is dropped:
// this saves no time. The running statistics of norms in it move too, as in
// torchvision; [StochasticBranch] holds them back.
//
// Modes, p and the random stream are as for [Dropout]. Options: [RowMode], [Classic],
// a [Schedule]. It is torchvision's StochasticDepth with mode "batch", and with
// RowMode its mode "row" and timm's DropPath.
//
// Source: Huang, Sun, Liu, Sedra, Weinberger, Deep Networks with Stochastic Depth,
// ECCV 2016, https://arxiv.org/abs/1603.09382. It draws for the batch, p is the
// probability to keep, and the scaling is left to evaluation, as with [Classic].
func StochasticDepth(s *graph.Scope, x *graph.Node, p float64, opts ...StochasticDepthOption) *graph.Node {
	s = s.Layer("StochasticDepth", x)
	c := newDepth(s, p, opts)
	return c.noise(s, x).on(s, x)
}

// StochasticBranch is [StochasticDepth] of branch(s, x), a branch that it declares
// itself. So it can hold back what the paper's training, which doesn't compute a
// dropped branch, leaves alone: at a step that drops the branch for the whole batch,
// the running statistics of norms in it stay as they are. With [RowMode] they move.
//
//	y := regularize.StochasticBranch(s.In("branch"), x, 0.2, func(s *graph.Scope, x *graph.Node) *graph.Node {
//		x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), nodes.Conv2D(s.In("conv1"), x, 16, 3, nodes.Pad(1))))
//		return nodes.BatchNorm2D(s.In("bn2"), nodes.Conv2D(s.In("conv2"), x, 16, 3, nodes.Pad(1)))
//	})
//	x = nodes.ReLU(nodes.Add(x, y))
//
// The random stream is that of the path of s.
func StochasticBranch(s *graph.Scope, x *graph.Node, p float64, branch graph.Func, opts ...StochasticDepthOption) *graph.Node {
	layer := s.Layer("StochasticBranch", x)
	if branch == nil {
		return layer.Errorf("the branch is nil")
	}
	c := newDepth(layer, p, opts)
	key, draws := c.rate.claim(layer, x)
	if draws && !c.row {
		s = s.AssignIf(layer.Apply(mask{bernoulli{key, c.rate, c.scale}, graph.Shape{1}}, source(x), layer.Step()))
	}
	y := branch(s, x)
	if s.Err() == nil && (y == nil || y.Dtype() != s.Dtype()) {
		return layer.Errorf("the branch returns no values of type %v", s.Dtype())
	}
	return c.noise(layer, y).apply(layer, key, draws, y)
}

// RowMode makes each sample of the batch draw for itself.
func RowMode() StochasticDepthOption { return rowMode{} }

type rowMode struct{}

func (rowMode) stochasticDepth(c *depthConfig) { c.row = true }

// A StochasticDepthOption adjusts [StochasticDepth] and [StochasticBranch].
type StochasticDepthOption interface{ stochasticDepth(*depthConfig) }

func (sc Schedule) stochasticDepth(c *depthConfig) { c.rate.take(sc) }

type depthConfig struct {
	rate  rate
	scale scaling
	row   bool
}

func newDepth(s *graph.Scope, p float64, opts []StochasticDepthOption) depthConfig {
	c := depthConfig{rate: rate{p: p}}
	for _, opt := range guard.Given(opts) {
		opt.stochasticDepth(&c)
	}
	c.rate.check(s)
	return c
}

// noise is what drops x.
func (c depthConfig) noise(s *graph.Scope, x *graph.Node) noise {
	if x.Dims() == 0 && s.Err() == nil {
		s.Errorf("x is a scalar, want a batch axis")
	}
	d := noise{rate: c.rate, shape: along(x), scale: c.scale}
	if c.row {
		d.shape, d.also = along(x, 0), "row"
	}
	return d
}
