package graph_test

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// Cube declares y = x³.
func Cube(x *graph.Node) *graph.Node { return x.Layer("Cube").Apply(cube{}, x) }

type cube struct{}

func (cube) String() string { return "Cube" }

func (cube) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op cube) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, cubeForward[float32], cubeForward[float64])
}

func cubeForward[T graph.Float](_ cube, y []T, in [][]T) {
	for i, v := range in[0] {
		y[i] = v * v * v
	}
}

// Backward declares dx = 3x²·dy.
func (cube) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("CubeGrad").Apply(cubeGrad{}, in[0], dy)}
}

type cubeGrad struct{}

func (cubeGrad) String() string { return "CubeGrad" }

func (cubeGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op cubeGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, cubeBackward[float32], cubeBackward[float64])
}

func cubeBackward[T graph.Float](_ cubeGrad, dx []T, in [][]T) {
	for i, v := range in[0] {
		dx[i] = 3 * v * v * in[1][i]
	}
}

// A node of your own: an op for the values, one for the gradient. Check it with
// package graphtest.
func ExampleOp() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node { return Cube(x) }, graph.Shape{1, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Predict(tensor.New(tensor.WithShape(1, 3), tensor.WithBacking([]float32{1, 2, 3})))
	fmt.Println(y.Data(), err)
	// Output: [1 8 27] <nil>
}
