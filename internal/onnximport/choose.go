package onnximport

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"gorgonia.org/tensor"
)

// choose is, for inputs c, a and b of one shape, a where c is not 0 and b elsewhere. What
// is not chosen has no part in the value, NaN included.
type choose struct{}

func (choose) String() string { return "Where" }

func (choose) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op choose) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, chooseForward[float32], chooseForward[float64])
}

func chooseForward[T graph.Float](_ choose, y []T, in [][]T) {
	for i, c := range in[0][:len(y)] {
		if y[i] = in[2][i]; c != 0 {
			y[i] = in[1][i]
		}
	}
}

// HasGradient implements [graph.PartlyDifferentiable].
func (choose) HasGradient(i int) bool { return i > 0 }

func (op choose) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("WhereGrad")
	return []*graph.Node{nil, s.Apply(chosen{true}, in[0], dy), s.Apply(chosen{false}, in[0], dy)}
}

// ONNX implements [onnxgraph.Op].
func (choose) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Where", c.Cast(c.In[0], onnxgraph.Bool), c.In[1], c.In[2])
}

// chosen is, for inputs c and dy, dy where c is not 0, or where it is, and 0 elsewhere.
type chosen struct{ where bool }

func (op chosen) String() string {
	if op.where {
		return "WhereGrad{first}"
	}
	return "WhereGrad{second}"
}

func (op chosen) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op chosen) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, chosenForward[float32], chosenForward[float64])
}

func chosenForward[T graph.Float](op chosen, y []T, in [][]T) {
	for i, c := range in[0][:len(y)] {
		if y[i] = 0; (c != 0) == op.where {
			y[i] = in[1][i]
		}
	}
}
