package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// normalizeGrad is the gradient of normalize with respect to x, for inputs x,
// moments, dy and, perhaps, weight.
type normalizeGrad struct{ of normalize }

func (op normalizeGrad) String() string { return "NormalizeGrad" + op.of.attributes() }

func (op normalizeGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return in[0].Clone(), nil
}

func (op normalizeGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of, dx, in, normalizeBackward[float32], normalizeBackward[float64])
}

func normalizeBackward[T kernel.Float](op normalize, dx []T, in [][]T) {
	var weight []T
	if len(in) == 4 {
		weight = in[3]
	}
	kernel.NormalizeBackward(dx, in[0], in[1], weight, in[2], op.of, op.affine, op.eps, op.constant)
}

// normalizeSums is the gradients of bias and of weight, one row each, for inputs
// x, moments and dy. One pass over x and dy makes both.
type normalizeSums struct{ of normalize }

func (op normalizeSums) String() string { return "NormalizeSums" + op.of.attributes() }

func (op normalizeSums) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{2, op.of.affine.Groups}, nil
}

func (op normalizeSums) Forward(sums *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of, sums, in, sumsForward[float32], sumsForward[float64])
}

func sumsForward[T kernel.Float](op normalize, sums []T, in [][]T) {
	kernel.NormalizeSums(sums, in[0], in[1], in[2], op.of, op.affine, op.eps)
}

// pick is one row of a matrix, under a shape of as many elements.
type pick struct {
	row int
	to  graph.Shape
}

func (op pick) String() string { return fmt.Sprintf("Pick{row %d, shape %v}", op.row, op.to) }

func (op pick) InferShape(...graph.Shape) (graph.Shape, error) { return op.to.Clone(), nil }

func (op pick) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, pickForward[float32], pickForward[float64])
}

func pickForward[T kernel.Float](op pick, y []T, in [][]T) {
	copy(y, in[0][op.row*len(y):])
}
