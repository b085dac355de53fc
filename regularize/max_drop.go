package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// MaxDrop zeroes the largest element of each map of each sample with probability p,
// and leaves all others as they are:
//
//	y = 0 for the largest of its map with probability p, else x
//
// and dx is the same of dy. So a network cannot rely on its strongest responses. Of
// equals the first is the largest, and NaN is not. Nothing is scaled.
//
// Shapes: x is (N, C, ...) with at least one spatial axis; y is as x.
//
// Modes, p and the random stream are as for [Dropout], with one draw for each map.
// Options: [AcrossChannels], a [Schedule]. The Caffe code of the paper has p = 0.1.
//
// Source: Park, Kwak, Analysis on the Dropout Effect in Convolutional Neural
// Networks, ACCV 2016, https://doi.org/10.1007/978-3-319-54184-6_12.
func MaxDrop(s *graph.Scope, x *graph.Node, p float64, opts ...MaxDropOption) *graph.Node {
	s = s.Layer("MaxDrop", x)
	c := maxDropConfig{rate: rate{p: p}}
	for _, opt := range guard.Given(opts) {
		opt.maxDrop(&c)
	}
	c.rate.check(s)
	if x.Dims() < 3 && s.Err() == nil {
		return s.Errorf("x has shape %v, want (N, C, ...) with at least one spatial axis", x.Shape())
	}
	key, draws := c.rate.claim(s, x)
	if !draws {
		return x
	}
	return s.Describe("%s", c.text()).Apply(maxDrop{bernoulli: bernoulli{key: key, rate: c.rate, scale: unscaled}, across: c.across}, x, x, s.Step())
}

// A MaxDropOption adjusts one [MaxDrop].
type MaxDropOption interface{ maxDrop(*maxDropConfig) }

type maxDropConfig struct {
	rate   rate
	across bool
}

func (sc Schedule) maxDrop(c *maxDropConfig) { c.rate.take(sc) }

func (c maxDropConfig) text() string {
	if c.across {
		return c.rate.text() + ", across channels"
	}
	return c.rate.text()
}

// AcrossChannels drops at each position the largest of all channels, with a draw for
// each position of each sample, instead of the largest of each map.
func AcrossChannels() MaxDropOption { return acrossChannels{} }

type acrossChannels struct{}

func (acrossChannels) maxDrop(c *maxDropConfig) { c.across = true }

// maxDrop puts zeros in place of the maxima of its second input. Its inputs are what
// it applies to, x, and the step.
type maxDrop struct {
	bernoulli
	across, last bool
}

func (op maxDrop) String() string {
	return fmt.Sprintf("MaxDrop{%v, across %v, last %v}", op.bernoulli, op.across, op.last)
}

// ShiftsVariance implements [graph.Noisy].
func (maxDrop) ShiftsVariance() bool { return true }

func (op maxDrop) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op maxDrop) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	x := in[1].Shape()
	g := kernel.Maxima{N: x[0], C: x[1], S: x[2:].TotalSize(), Across: op.across, Last: op.last}
	return graph.Run(maximaOfStep{g, op.at(in[2])}, y, in, maxDropForward[float32], maxDropForward[float64])
}

type maximaOfStep struct {
	of kernel.Maxima
	at kernel.Mask
}

func maxDropForward[T kernel.Float](m maximaOfStep, y []T, in [][]T) {
	kernel.MaxDrop(m.of, m.at, y, in[0], in[1])
}

// HasGradient says that where the maxima are is constant.
func (op maxDrop) HasGradient(input int) bool { return input == 0 }

// Backward applies the op itself: a diagonal map is its own adjoint.
func (op maxDrop) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("MaxDropGrad").Apply(op, dy, in[1], in[2]), nil, nil}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op maxDrop) ChannelsLast(...graph.Shape) graph.LastLayout {
	op.last = true
	return graph.LastLayout{Op: op, In: []bool{true, true, false}, Out: true, Follow: true}
}
