package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// SinusoidalPositions adds to each step t of a sequence what tells it from others:
//
//	y[n,t,2i] = x[n,t,2i] + sin(t / 10000^(2i/E)),   y[n,t,2i+1] = x[n,t,2i+1] + cos(t / 10000^(2i/E))
//
// Shapes: x is (N, T, E), and so is y. There is nothing to learn, and no longest T. In
// the paper x is an embedding times √E.
//
// Source: Vaswani et al., Attention Is All You Need, NeurIPS 2017,
// https://arxiv.org/abs/1706.03762.
func SinusoidalPositions(x *graph.Node) *graph.Node {
	s := x.Layer("SinusoidalPositions")
	wantModelType(s, "x", x)
	return s.Apply(sinusoidalPositions{}, x)
}

type sinusoidalPositions struct{}

func (sinusoidalPositions) String() string { return "SinusoidalPositions" }

func (sinusoidalPositions) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if in[0].Dims() != 3 {
		return nil, errors.Errorf("x has shape %v, want (N, T, E)", in[0])
	}
	return in[0].Clone(), nil
}

func (sinusoidalPositions) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(y.Shape(), y, in, sinusoidalForward[float32], sinusoidalForward[float64])
}

func sinusoidalForward[T kernel.Float](shape graph.Shape, y []T, in [][]T) {
	kernel.AddSinusoids(y, in[0], shape[0], shape[1], shape[2])
}

func (sinusoidalPositions) Backward(_ []*graph.Node, _, dy *graph.Node) []*graph.Node {
	return []*graph.Node{dy}
}

// LearnedPositions adds to each step t of a sequence a row of numbers that is learned:
//
//	y[n,t] = x[n,t] + weight[t]
//
// Shapes: x is (N, T, E) with T ≤ maxLen, and so is y; weight is (maxLen, E) and starts
// as that of an embedding of PyTorch, from N(0, 1).
//
// Source: Gehring et al., Convolutional Sequence to Sequence Learning, ICML 2017,
// https://arxiv.org/abs/1705.03122.
func LearnedPositions(s *graph.Scope, x *graph.Node, maxLen int) *graph.Node {
	s = s.Layer("LearnedPositions", x)
	switch wantModelType(s, "x", x); {
	case s.Err() != nil:
		return x
	case x.Dims() != 3:
		return s.Errorf("x has shape %v, want (N, T, E)", x.Shape())
	case x.Dim(1) > maxLen:
		return s.Errorf("x has shape %v and maxLen is %d, want at least its %d steps", x.Shape(), maxLen, x.Dim(1))
	}
	rows := s.Param("weight", graph.Shape{maxLen, x.Dim(2)}, graph.Normal(0, 1))
	if x.Dim(1) < maxLen {
		rows = s.Apply(slice{0, 0, x.Dim(1)}, rows)
	}
	return broadcastOver(s, add{}, x, rows)
}
