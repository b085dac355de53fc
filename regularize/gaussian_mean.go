package regularize

import (
	"fmt"
	"math/rand/v2"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// GaussianMean makes a [DropConnectLinear], or a convolution of its kind, take in
// evaluation the mean of its activation over samples of the normal distribution that has
// the mean and variance of its sums:
//
//	y[n,o] = 1/z · Σ_j a(m[n,o] + s[n,o]·ε[j,o])
//
// where m and s are as described there and ε is standard normal, for a convolution
// another number at each position. The paper draws for each sample anew; here ε is the
// same for all samples of a batch, and for all predictions, so that a prediction depends
// on nothing but its input.
func GaussianMean(z int) DropConnectLayerOption { return gaussianMean(z) }

type gaussianMean int

func (z gaussianMean) dropConnectLinear(c *dropConnectConfig) { c.samples, c.sampled = int(z), true }
func (z gaussianMean) dropConnectConv(c *dropConnectConfig)   { z.dropConnectLinear(c) }

// GaussianReLU gives a [DropConnectLinear], or a convolution of its kind, the activation
// ReLU, and makes it take in evaluation the mean that [GaussianMean] tends to with more
// and more samples:
//
//	y = m·Φ(m/s) + s·φ(m/s)
//
// with the standard normal distribution Φ and its density φ; ReLU(m) where s is 0.
func GaussianReLU() DropConnectLayerOption { return gaussianReLU{} }

type gaussianReLU struct{}

func (gaussianReLU) dropConnectLinear(c *dropConnectConfig) { c.closed = true }
func (gaussianReLU) dropConnectConv(c *dropConnectConfig)   { c.closed = true }

func (c *dropConnectConfig) gaussian() bool { return c.sampled || c.closed }

// meanOf returns the mean over masks of what the layer adds up, given the sum with all
// weights.
func (c *dropConnectConfig) meanOf(s *graph.Scope, u *graph.Node) *graph.Node {
	if c.scale == classic {
		return s.Apply(scaled{c.rate.finalKeep()}, u)
	}
	return u
}

// mean returns the mean of the activation, given the sum with all weights. The sum is
// linear in each of its inputs, so its variance, but for a factor, is the same sum of
// their squares.
func (c *dropConnectConfig) mean(s *graph.Scope, u *graph.Node, units int) *graph.Node {
	op, in := u.Made()
	for i, x := range in {
		in[i] = nodes.Mul(x, x)
	}
	v := s.In("variance").Layer("Variance").Apply(op, in...)
	q := c.rate.finalKeep()
	factor := (1 - q) / q
	if c.scale == classic {
		factor = (1 - q) * q
	}
	m, sd := c.meanOf(s, u), s.Apply(deviation{factor}, v)
	if c.closed {
		return s.Apply(expectedReLU{}, m, sd)
	}
	shape := m.Shape().Clone()
	for i := range shape[:len(shape)-units] {
		shape[i] = 1
	}
	shape = append(graph.Shape{c.samples}, shape...)
	eps := s.In("gaussian").Apply(newNormals(c.normals, shape), source(m))
	all := nodes.Add(m, nodes.Mul(sd, eps))
	rows := m.Shape().Clone()
	rows[0] = -1
	return s.Apply(meanOfCopies{c.samples}, c.activate(s, nodes.Reshape(all, rows...)))
}

// normals are standard normal numbers of a shape, the same in all runs. Its input is
// one of the element type.
type normals struct {
	key    philox.Key
	shape  graph.Shape
	values []float64 // a function of the others
}

func newNormals(key philox.Key, shape graph.Shape) normals {
	r := rand.New(philox.NewSource(key, 0))
	values := make([]float64, shape.TotalSize())
	for i := range values {
		values[i] = r.NormFloat64()
	}
	return normals{key, shape, values}
}

func (op normals) String() string {
	return fmt.Sprintf("Normals{key %08x, shape %v}", op.key, op.shape)
}

func (op normals) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op normals) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.values, y, in, normalsForward[float32], normalsForward[float64])
}

func normalsForward[T kernel.Float](values []float64, y []T, _ [][]T) {
	for i, v := range values {
		y[i] = T(v)
	}
}

// deviation is √(factor·v).
type deviation struct{ factor float64 }

func (op deviation) String() string { return fmt.Sprintf("Deviation{%v}", op.factor) }

func (deviation) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op deviation) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, deviationForward[float32], deviationForward[float64])
}

func deviationForward[T kernel.Float](op deviation, y []T, in [][]T) {
	kernel.Root(y, in[0], op.factor)
}

// ChannelsLast implements [graph.ChannelsLast].
func (op deviation) ChannelsLast(...graph.Shape) graph.LastLayout { return elementwise(op, 1) }

func (op deviation) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("DeviationGrad").Apply(deviationGrad(op), y, dy)}
}

// deviationGrad is dv = dy·factor/(2·y), for the inputs y and dy; 0 where y is 0.
type deviationGrad struct{ factor float64 }

func (op deviationGrad) String() string { return fmt.Sprintf("DeviationGrad{%v}", op.factor) }

func (deviationGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op deviationGrad) Forward(dv *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dv, in, deviationBackward[float32], deviationBackward[float64])
}

// ChannelsLast implements [graph.ChannelsLast].
func (op deviationGrad) ChannelsLast(...graph.Shape) graph.LastLayout { return elementwise(op, 2) }

func deviationBackward[T kernel.Float](op deviationGrad, dv []T, in [][]T) {
	kernel.RootGrad(dv, in[0], in[1], op.factor)
}
