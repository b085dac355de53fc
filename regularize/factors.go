package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

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
	bernoulli
	shape graph.Shape
}

func (op mask) String() string { return fmt.Sprintf("Mask{%v, shape %v}", op.bernoulli, op.shape) }

func (op mask) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op mask) Forward(k *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.at(in[1]), k, in, maskForward[float32], maskForward[float64])
}

func maskForward[T kernel.Float](m kernel.Mask, k []T, _ [][]T) { kernel.MaskCells(m, k) }

// masked is y = k·x, where k is broadcast and 0 wins over NaN. A little of the input is
// masked where the variance hardly shifts, as by [Cutout].
type masked struct{ little bool }

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

// ShiftsVariance implements [graph.Noisy].
func (op masked) ShiftsVariance() bool { return !op.little }

// MasksFirstInput implements [graph.Masking].
func (masked) MasksFirstInput() {}

// Backward applies the op itself: a diagonal map is its own adjoint.
func (op masked) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("MaskedGrad").Apply(op, dy, in[1]), nil}
}
