package graph

import (
	"fmt"

	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// total is the sum of all elements: it stands for a loss where none is known.
type total struct{}

func (total) String() string { return "Total" }

func (total) InferShape(...Shape) (Shape, error) { return Shape{}, nil }

func (op total) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(op, y, in, totalForward[float32], totalForward[float64])
}

func totalForward[T Float](_ total, y []T, in [][]T) { y[0] = kernel.Sum(in[0]) }

func (total) Backward(in []*Node, y, dy *Node) []*Node {
	return []*Node{y.Layer("Spread").Apply(spread{in[0].Shape().Clone()}, dy)}
}

// spread gives a scalar to every element of a shape.
type spread struct{ to Shape }

func (op spread) String() string { return fmt.Sprintf("Spread{%v}", op.to) }

func (op spread) InferShape(...Shape) (Shape, error) { return op.to.Clone(), nil }

func (op spread) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(op, y, in, spreadForward[float32], spreadForward[float64])
}

func spreadForward[T Float](_ spread, y []T, in [][]T) {
	for i := range y {
		y[i] = in[0][0]
	}
}
