package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// moments is the mean and the biased variance of each group of x, of shape
// (2, groups), means first. It has no gradient of its own: what flows through
// the statistics is part of the gradient of normalize.
type moments struct{ of kernel.Layout }

func (op moments) String() string { return fmt.Sprintf("Moments{%v}", op.of) }

func (op moments) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{2, op.of.Groups}, nil
}

func (op moments) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, momentsForward[float32], momentsForward[float64])
}

func momentsForward[T kernel.Float](op moments, y []T, in [][]T) {
	kernel.Moments(y, in[0], op.of)
}

// normalize is (x-mean)/sqrt(var+eps)·weight + bias for inputs x, moments and,
// perhaps, weight and bias.
type normalize struct {
	of     kernel.Layout // of the moments
	affine kernel.Layout // of weight and bias
	eps    float64
	// constant moments are not those of x: x has no influence on them.
	constant bool
}

func (op normalize) String() string { return "Normalize" + op.attributes() }

func (op normalize) attributes() string {
	return fmt.Sprintf("{%v %v eps %v constant %v}", op.of, op.affine, op.eps, op.constant)
}

func (op normalize) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if n := len(in); n != 2 && n != 4 {
		return nil, errors.Errorf("got %d inputs, want x and moments, or x, moments, weight and bias", n)
	}
	return in[0].Clone(), nil
}

func (op normalize) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, normalizeForward[float32], normalizeForward[float64])
}

func normalizeForward[T kernel.Float](op normalize, y []T, in [][]T) {
	var weight, bias []T
	if len(in) == 4 {
		weight, bias = in[2], in[3]
	}
	kernel.Normalize(y, in[0], in[1], weight, bias, op.of, op.affine, op.eps)
}

func (op normalize) HasGradient(input int) bool { return input != 1 }

func (op normalize) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("NormalizeGrad")
	x, stats := in[0], in[1]
	if len(in) == 2 {
		return []*graph.Node{s.Apply(normalizeGrad{op}, x, stats, dy), nil}
	}
	weight, bias := in[2], in[3]
	sums := s.Apply(normalizeSums{op}, x, stats, dy)
	return []*graph.Node{
		s.Apply(normalizeGrad{op}, x, stats, dy, weight),
		nil,
		s.Apply(pick{1, weight.Shape()}, sums),
		s.Apply(pick{0, bias.Shape()}, sums),
	}
}
