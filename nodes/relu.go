package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// ReLU is y = max(x, 0) for x of any shape. The derivative at 0 is 0; NaN stays
// NaN.
//
// Source: Nair, Hinton, Rectified Linear Units Improve Restricted Boltzmann
// Machines, ICML 2010.
func ReLU(x *graph.Node) *graph.Node { return x.Layer("ReLU").Apply(relu{}, x) }

type relu struct{}

func (relu) String() string { return "ReLU" }

func (relu) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op relu) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, reluForward[float32], reluForward[float64])
}

func reluForward[T kernel.Float](_ relu, y []T, in [][]T) { kernel.ReLU(y, in[0]) }

// Backward needs the output alone, so that the memory of x is free once y is
// there.
func (relu) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("ReLUGrad")
	if pool, of := dy.Made(); of != nil && of[0] == y {
		if g, ok := pool.(maxPoolGrad); ok {
			return []*graph.Node{g.behind(s, y, of[1])}
		}
	}
	return []*graph.Node{s.Apply(reluGrad{x: in[0].Gorgonia().ID()}, y, dy)}
}

// An activated op can apply a ReLU to its output as it writes it.
type activated interface {
	withReLU() (graph.Op, bool)
}

// Absorb implements [graph.Absorber].
func (relu) Absorb(_ int, by graph.Op) (graph.Op, bool) {
	if a, ok := by.(activated); ok {
		return a.withReLU()
	}
	return nil, false
}

// reluGrad is for inputs y and dy.
type reluGrad struct {
	x int64 // the identity of the ReLU's input
}

func (reluGrad) String() string { return "ReLUGrad" }

func (reluGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op reluGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, reluBackward[float32], reluBackward[float64])
}

func reluBackward[T kernel.Float](_ reluGrad, dx []T, in [][]T) { kernel.ReLUGrad(dx, in[0], in[1]) }
