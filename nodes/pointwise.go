package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"gorgonia.org/tensor"
)

// pointwise is a function of each element by itself, computed in float64 and
// rounded to the type of x.
type pointwise struct {
	name string // with the attributes
	f    kernel.Activation
	onnx onnxgraph.Op
}

func (op pointwise) String() string { return op.name }

func (op pointwise) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op pointwise) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, pointwiseForward[float32], pointwiseForward[float64])
}

func pointwiseForward[T kernel.Float](op pointwise, y []T, in [][]T) {
	kernel.Activate(op.f, y, in[0])
}

func (op pointwise) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("PointwiseGrad").Apply(pointwiseGrad{op}, in[0], y, dy)}
}

// pointwiseGrad is the gradient of a pointwise op for inputs x, y and dy.
type pointwiseGrad struct{ of pointwise }

func (op pointwiseGrad) String() string { return "PointwiseGrad{" + op.of.name + "}" }

func (op pointwiseGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op pointwiseGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, pointwiseBackward[float32], pointwiseBackward[float64])
}

func pointwiseBackward[T kernel.Float](op pointwiseGrad, dx []T, in [][]T) {
	kernel.ActivateGrad(op.of.f, dx, in[0], in[1], in[2])
}
