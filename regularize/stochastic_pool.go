package regularize

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// StochasticPool2D draws one element of every window of k by k, large ones more often:
//
//	y = xᵢ with probability xᵢ / Σ_j xⱼ
//
// and passes its gradient to that one. In evaluation y is the mean of that, with its
// own gradient:
//
//	y = Σ_i xᵢ² / Σ_j xⱼ,   ∂y/∂xᵢ = (2·xᵢ - y) / Σ_j xⱼ
//
// x must not be negative, so it belongs after a ReLU; what is below 0 counts as 0. A
// window of nothing positive gives 0 and has no gradient, one with an infinity gives
// that, and one with a NaN NaN.
//
// Shapes: x is (N, C, H, W); y is as for [nodes.MaxPool2D].
//
// Modes and the random stream are as for [Dropout], with one draw for each window.
// The option is a [Window].
//
// Source: Zeiler, Fergus, Stochastic Pooling for Regularization of Deep Convolutional
// Neural Networks, ICLR 2013, https://arxiv.org/abs/1301.3557.
func StochasticPool2D(s *graph.Scope, x *graph.Node, k int, opts ...StochasticPoolOption) *graph.Node {
	return stochasticPool(s.Layer("StochasticPool2D", x), x, 2, k, opts)
}

// StochasticPool1D is [StochasticPool2D] with one spatial axis: x is (N, C, L).
func StochasticPool1D(s *graph.Scope, x *graph.Node, k int, opts ...StochasticPoolOption) *graph.Node {
	return stochasticPool(s.Layer("StochasticPool1D", x), x, 1, k, opts)
}

// A StochasticPoolOption adjusts one [StochasticPool1D] or [StochasticPool2D].
type StochasticPoolOption interface{ stochasticPool(*stochasticConfig) }

type stochasticConfig struct{ window []nodes.MaxPoolOption }

func (w window) stochasticPool(c *stochasticConfig) { c.window = append(c.window, w...) }

func stochasticPool(s *graph.Scope, x *graph.Node, axes, k int, opts []StochasticPoolOption) *graph.Node {
	c := stochasticConfig{}
	for _, opt := range guard.Given(opts) {
		opt.stochasticPool(&c)
	}
	w, err := windowsOver(x, axes, k, c.window)
	if err != nil {
		return s.Fail(err)
	}
	key, draws := claim(s, x, false)
	g := kernel.Pool{
		Maps: w.X[0] * w.X[1], In: w.In, Kernel: w.Kernel, Out: w.Out,
		Stride: w.Stride, Pad: w.Pad, PadHigh: w.Pad, Dilation: w.Dilation,
	}
	of := windows{w.X, w.Y, &g, g.Windows(1)}
	if draws {
		return s.Describe("%v", w).Apply(samplePool{of, key}, x, s.Step())
	}
	return s.Apply(ownPool{of}, x)
}

// windowsOver returns the windows over x of a number of spatial axes.
func windowsOver(x *graph.Node, axes, k int, opts []nodes.MaxPoolOption) (nodes.PoolWindows, error) {
	if x.Dims() != axes+2 {
		return nodes.PoolWindows{}, errors.Errorf("x has shape %v, want %s", x.Shape(), maps[axes])
	}
	return nodes.MaxPoolWindows(x, k, opts...)
}

// windows are those of a pooling of x to y. In memory with positions innermost each
// map is an image of one channel.
type windows struct {
	x, y  graph.Shape
	g     *kernel.Pool
	ofMap *kernel.Windows
}

func (w windows) String() string { return fmt.Sprintf("x %v, %+v", w.x, *w.g) }

// samplePool draws. Its inputs are x and the step.
type samplePool struct {
	windows
	key philox.Key
}

func (op samplePool) String() string {
	return fmt.Sprintf("SamplePool{%v, key %08x}", op.windows, op.key)
}

// ShiftsVariance implements [graph.Noisy].
func (samplePool) ShiftsVariance() bool { return true }

func (op samplePool) InferShape(...graph.Shape) (graph.Shape, error) { return op.y.Clone(), nil }

func (op samplePool) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.at(op.ofMap, in[1]), y, in, samplePoolForward[float32], samplePoolForward[float64])
}

type samples struct {
	w    *kernel.Windows
	key  philox.Key
	step uint64
}

func (op samplePool) at(w *kernel.Windows, step *tensor.Dense) samples {
	return samples{w, op.key, uint64(step.Ints()[0])}
}

func samplePoolForward[T kernel.Float](s samples, y []T, in [][]T) {
	kernel.SamplePool(s.w, s.key, s.step, y, in[0])
}

// Backward draws again.
func (op samplePool) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("SamplePoolGrad").Apply(samplePoolGrad{op}, in[0], dy, in[1]), nil}
}

type samplePoolGrad struct{ of samplePool }

func (op samplePoolGrad) String() string { return "SamplePoolGrad{" + op.of.String() + "}" }

func (op samplePoolGrad) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.x.Clone(), nil }

func (op samplePoolGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of.at(op.of.ofMap, in[2]), dx, in, samplePoolBackward[float32], samplePoolBackward[float64])
}

func samplePoolBackward[T kernel.Float](s samples, dx []T, in [][]T) {
	kernel.SamplePoolGrad(s.w, s.key, s.step, dx, in[0], in[1])
}

// ownPool is the mean of what a samplePool draws.
type ownPool struct{ windows }

func (op ownPool) String() string { return fmt.Sprintf("OwnPool{%v}", op.windows) }

func (op ownPool) InferShape(...graph.Shape) (graph.Shape, error) { return op.y.Clone(), nil }

func (op ownPool) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.ofMap, y, in, ownPoolForward[float32], ownPoolForward[float64])
}

func ownPoolForward[T kernel.Float](w *kernel.Windows, y []T, in [][]T) { kernel.OwnPool(w, y, in[0]) }

func (op ownPool) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("OwnPoolGrad").Apply(ownPoolGrad{op}, in[0], dy)}
}

type ownPoolGrad struct{ of ownPool }

func (op ownPoolGrad) String() string { return "OwnPoolGrad{" + op.of.String() + "}" }

func (op ownPoolGrad) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.x.Clone(), nil }

func (op ownPoolGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of.ofMap, dx, in, ownPoolBackward[float32], ownPoolBackward[float64])
}

func ownPoolBackward[T kernel.Float](w *kernel.Windows, dx []T, in [][]T) {
	kernel.OwnPoolGrad(w, dx, in[0], in[1])
}
