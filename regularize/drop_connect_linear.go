package regularize

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
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
	s = s.Layer("DropConnectLinear")
	c := dropConnectConfig{weightConfig: weightConfig{rate: rate{p: p}}, activation: func(u *graph.Node) *graph.Node { return u }}
	for _, opt := range opts {
		opt.dropConnectLinear(&c)
	}
	c.check(s)
	key, draws := c.rate.claim(s, x)
	if c.sampled {
		c.normals = s.In("gaussian").Stream()
	}
	// The plain layer declares the parameters; it is computed only where nothing is
	// drawn.
	u := nodes.Linear(s, x, out, c.linear...)
	if s.Err() != nil {
		return u
	}
	_, in := u.Made()
	switch {
	case draws:
		return c.activate(s, s.Apply(dropConnect{bernoulli{key, c.rate, c.scale}}, append(in, s.Step())...))
	case s.Mode().Draws() || c.rate.never():
		return c.activate(s, u)
	case c.gaussian():
		return c.mean(s, u, in)
	}
	return c.activate(s, c.meanOf(s, u))
}

// A DropConnectLinearOption adjusts one [DropConnectLinear].
type DropConnectLinearOption interface{ dropConnectLinear(*dropConnectConfig) }

// dropConnectConfig holds the options of a [DropConnectLinear].
type dropConnectConfig struct {
	weightConfig
	linear     []nodes.LinearOption
	activation func(*graph.Node) *graph.Node
	activated  bool
	samples    int  // of GaussianMean
	sampled    bool // by GaussianMean
	normals    philox.Key
	closed     bool // by GaussianReLU
}

// LinearOptions passes options to the linear map of a [DropConnectLinear], such as
// [nodes.WeightInit].
func LinearOptions(opts ...nodes.LinearOption) DropConnectLinearOption {
	return linearOptions(slices.Clone(opts))
}

type linearOptions []nodes.LinearOption

func (o linearOptions) dropConnectLinear(c *dropConnectConfig) { c.linear = append(c.linear, o...) }

// Activation applies a, such as [nodes.ReLU], to what a [DropConnectLinear] adds up. It
// must keep the shape, and work on each sample by itself.
func Activation(a func(u *graph.Node) *graph.Node) DropConnectLinearOption { return activation{a} }

type activation struct {
	a func(u *graph.Node) *graph.Node
}

func (o activation) dropConnectLinear(c *dropConnectConfig) { c.activation, c.activated = o.a, true }

func (c *dropConnectConfig) activate(s *graph.Scope, u *graph.Node) *graph.Node {
	y := c.activation(u)
	if y == nil {
		return s.Errorf("the function of Activation returned nil, want a node")
	}
	if s.Err() == nil && !slices.Equal(y.Shape(), u.Shape()) {
		return s.Errorf("the function of Activation returned shape %v for shape %v, want the same", y.Shape(), u.Shape())
	}
	return y
}

// check reports options that do not go together.
func (c *dropConnectConfig) check(s *graph.Scope) {
	c.rate.check(s)
	switch {
	case c.scale == classic:
		c.rate.checkEnd(s, "Classic")
	case c.sampled:
		c.rate.checkEnd(s, "GaussianMean")
	case c.closed:
		c.rate.checkEnd(s, "GaussianReLU")
	}
	switch {
	case c.activation == nil:
		s.Errorf("the function of Activation is nil")
	case c.closed && c.sampled:
		s.Errorf("both GaussianMean and GaussianReLU are given, want one of them")
	case c.closed && c.activated:
		s.Errorf("both Activation and GaussianReLU are given, want one of them: the latter's is ReLU")
	case c.sampled && !c.activated:
		s.Errorf("GaussianMean is given without an Activation, want one: without it the mean is that of the mean weights")
	case c.sampled && c.samples < 1:
		s.Errorf("GaussianMean is of %d samples, want at least 1", c.samples)
	case c.gaussian() && c.scale == inverted && s.Err() == nil && c.rate.finalKeep() == 0:
		s.Errorf("p is 1, which leaves GaussianMean and GaussianReLU no variance, want p < 1 or Classic")
	}
	if c.closed {
		c.activation = nodes.ReLU
	}
}
