package graphtest

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// dot is the loss Σ y·c over all elements of the output y and a cotangent c of
// as many. It has no gradient with respect to c.
type dot struct{}

func (dot) String() string { return "Dot" }

func (dot) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if in[0].TotalSize() != in[1].TotalSize() {
		return nil, errors.Errorf("y has shape %v and c has %v, want equal sizes", in[0], in[1])
	}
	return graph.Shape{}, nil
}

func (op dot) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, dotForward[float32], dotForward[float64])
}

func dotForward[T kernel.Float](_ dot, y []T, in [][]T) {
	y[0] = 0
	for i, v := range in[0] {
		y[0] += v * in[1][i]
	}
}

func (dot) HasGradient(input int) bool { return input == 0 }

func (dot) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("Dot").Apply(dotGrad{in[0].Shape()}, dy, in[1]), nil}
}

// dotGrad is dy·c, in the shape of the output.
type dotGrad struct{ shape graph.Shape }

func (op dotGrad) String() string { return fmt.Sprintf("DotGrad{%v}", op.shape) }

func (op dotGrad) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op dotGrad) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, dotGradForward[float32], dotGradForward[float64])
}

func dotGradForward[T kernel.Float](_ dotGrad, y []T, in [][]T) {
	for i, c := range in[1] {
		y[i] = in[0][0] * c
	}
}
