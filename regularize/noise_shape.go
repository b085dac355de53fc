package regularize

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// NoiseShape makes elements share a draw: dims has one number for each axis of
// the input, 1 where the axis shares, and 0 or -1 where it is as long as the
// input. The length of the axis itself may be given too; anything else is an
// error. It is Keras's noise_shape, with 0 or -1 for None.
//
//	(N, C, H, W), NoiseShape(0, 0, 1, 1)  whole feature maps, as SpatialDropout2D
//	(N, C, H, W), NoiseShape(1, 0, 1, 1)  the same maps in all samples
//	(N, T, F),    NoiseShape(0, 1, 0)     one mask for all time steps
//	(N, ...),     NoiseShape(0, 1, ...)   whole samples, as in stochastic depth
func NoiseShape(dims ...int) DropoutOption {
	return append(noiseShape{}, dims...)
}

// noiseShape is not nil: NoiseShape() fits a scalar only.
type noiseShape []int

func (n noiseShape) dropout(c *dropoutConfig) { c.noise = n }

// over returns the shape of the draws for an input of shape x.
func (n noiseShape) over(x graph.Shape) (graph.Shape, error) {
	if len(n) != x.Dims() {
		return nil, errors.Errorf("NoiseShape%v has %d axes, x has %d: its shape is %v", graph.Shape(n), len(n), x.Dims(), x)
	}
	out := x.Clone()
	for i, d := range n {
		switch d {
		case 1:
			out[i] = 1
		case 0, -1, x[i]:
		default:
			return nil, errors.Errorf("axis %d of NoiseShape%v is %d, want 1 to share a draw, or 0, -1 or %d for the axis of x of shape %v",
				i, graph.Shape(n), d, x[i], x)
		}
	}
	return out, nil
}

// source returns where x comes from, following first inputs of its element type:
// the input of the model, most often. It has the type for the factors, and unlike x
// its memory is needed anyway.
func source(x *graph.Node) *graph.Node {
	for {
		op, in := x.Made()
		if op == nil || in[0].Dtype() != x.Dtype() {
			return x
		}
		x = in[0]
	}
}

// mask is the factors k of a shape: a node, since they are few and both passes
// read them. Its inputs are one of the element type, and the step.
type mask struct {
	key   philox.Key
	p     float64
	shape graph.Shape
}

func (op mask) String() string {
	return fmt.Sprintf("Mask{p %v, key %08x, shape %v}", op.p, op.key, op.shape)
}

func (op mask) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op mask) Forward(k *tensor.Dense, in ...*tensor.Dense) error {
	m := kernel.NewMask(op.key, uint64(in[1].Ints()[0]), op.p)
	return graph.Run(m, k, in, maskForward[float32], maskForward[float64])
}

func maskForward[T kernel.Float](m kernel.Mask, k []T, _ [][]T) { kernel.MaskCells(m, k) }

// masked is y = k·x, where k is broadcast and 0 wins over NaN.
type masked struct{}

func (masked) String() string { return "Masked" }

func (masked) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (masked) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	shapes := [2]graph.Shape{in[0].Shape(), in[1].Shape()}
	return graph.Run(shapes, y, in, maskedForward[float32], maskedForward[float64])
}

func maskedForward[T kernel.Float](shapes [2]graph.Shape, y []T, in [][]T) {
	kernel.MaskBroadcast(y, in[0], in[1], shapes[0], shapes[1])
}

// HasGradient says that the factors are constants.
func (masked) HasGradient(input int) bool { return input == 0 }

// MasksFirstInput implements [graph.Masking].
func (masked) MasksFirstInput() {}

// Backward applies the op itself: a diagonal map is its own adjoint.
func (op masked) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("MaskedGrad").Apply(op, dy, in[1]), nil}
}
