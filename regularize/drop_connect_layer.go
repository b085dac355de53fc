package regularize

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/nodes"
)

// A DropConnectLayerOption adjusts a [DropConnectLinear], or a convolution of its kind.
type DropConnectLayerOption interface {
	DropConnectLinearOption
	DropConnectConvOption
}

// dropConnectConfig holds the options of a layer that drops its weights.
type dropConnectConfig struct {
	weightConfig
	linear     []nodes.LinearOption
	conv       []nodes.ConvOption
	activation func(*graph.Node) *graph.Node
	activated  bool
	samples    int  // of GaussianMean
	sampled    bool // by GaussianMean
	normals    philox.Key
	closed     bool // by GaussianReLU
}

func newDropConnect(p float64) dropConnectConfig {
	return dropConnectConfig{weightConfig: weightConfig{rate: rate{p: p}}, activation: func(u *graph.Node) *graph.Node { return u }}
}

// layer returns what follows from the two forms of a layer: plain, which declares the
// parameters and adds up with all of them, and drawn, which makes of that the sum of what
// is left of them. The last axes of the sums, so many, are those of the units of a sample.
func (c *dropConnectConfig) layer(s *graph.Scope, x *graph.Node, units int, plain func(*graph.Scope) *graph.Node,
	drawn func(s *graph.Scope, key philox.Key, u *graph.Node) *graph.Node) *graph.Node {
	c.check(s)
	s = s.Describe("%s", noise{rate: c.rate, scale: c.scale}.text())
	key, draws := c.rate.claim(s, x)
	if c.sampled {
		c.normals = s.In("gaussian").InMode(graph.Eval).Stream() // evaluation alone reads it
	}
	u := plain(s) // computed only where nothing is drawn
	if s.Err() != nil {
		return u
	}
	switch {
	case draws:
		return c.activate(s, drawn(s, key, u))
	case s.Mode().Draws() || c.rate.never():
		return c.activate(s, u)
	case c.gaussian():
		return c.mean(s, u, units)
	}
	return c.activate(s, c.meanOf(s, u))
}

// Activation applies a, such as [nodes.ReLU], to what a layer that drops its weights adds
// up. It must keep the shape, and work on each sample by itself.
func Activation(a func(u *graph.Node) *graph.Node) DropConnectLayerOption { return activation{a} }

type activation struct {
	a func(u *graph.Node) *graph.Node
}

func (o activation) dropConnectLinear(c *dropConnectConfig) { c.activation, c.activated = o.a, true }
func (o activation) dropConnectConv(c *dropConnectConfig)   { o.dropConnectLinear(c) }

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
