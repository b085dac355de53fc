package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// normalizing is what the two parts of the gradient of a normalisation have in
// common. Their inputs are x, moments, dy and, perhaps, weight and bias. Behind a
// ReLU, the output of that stands before dy.
type normalizing struct {
	of normalize
	y  int64 // the identity of the normalisation's output
}

// inputs tells the inputs apart.
func inputs[T any](op normalizing, in []T) (x, stats, dy T, affine []T) {
	at := 2
	if op.of.relu {
		at = 3 // x says as much as the output of the ReLU
	}
	return in[0], in[1], in[at], in[at+1:]
}

// behindReLU takes over the gradient of a ReLU, provided that it is of this
// normalisation's output: what goes through can then be told from x.
func (op normalizing) behindReLU(i int, by graph.Op) (normalizing, bool) {
	r, ok := by.(reluGrad)
	ok = ok && i == 2 && !op.of.relu && r.x == op.y && op.of.of == op.of.affine
	op.of.relu = true
	return op, ok
}

// last returns op for channels-last memory, and which of its inputs lie so.
func (op normalizing) last(in []graph.Shape) (last normalizing, at []bool, ok bool) {
	op.of, ok = op.of.last(in[0])
	at = make([]bool, len(in))
	at[0], at[2] = true, true
	if op.of.relu {
		at[3] = true
	}
	return op, at, ok
}

// normalizeSums is the gradients of bias and of weight, one row each. One pass over
// x and dy makes both.
type normalizeSums struct{ normalizing }

func (op normalizeSums) String() string { return "NormalizeSums" + op.of.attributes() }

func (op normalizeSums) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{2, op.of.affine.Groups}, nil
}

func (op normalizeSums) Forward(sums *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.normalizing, sums, in, sumsForward[float32], sumsForward[float64])
}

func sumsForward[T kernel.Float](op normalizing, sums []T, in [][]T) {
	x, stats, dy, affine := inputs(op, in)
	weight, bias := affineOf(affine)
	kernel.NormalizeSums(op.of.kernel(), sums, x, stats, weight, bias, dy)
}

// Absorb implements [graph.Absorber].
func (op normalizeSums) Absorb(i int, by graph.Op) (graph.Op, bool) {
	behind, ok := op.behindReLU(i, by)
	return normalizeSums{behind}, ok
}

// ChannelsLast implements [graph.ChannelsLast].
func (op normalizeSums) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	last, at, ok := op.last(in)
	if !ok {
		return graph.LastLayout{}
	}
	return graph.LastLayout{Op: normalizeSums{last}, In: at, Follow: true}
}

// normalizeGrad is the gradient of x. If the sums for weight and bias are part of
// it, they are its last input.
type normalizeGrad struct{ normalizing }

func (op normalizeGrad) String() string { return "NormalizeGrad" + op.of.attributes() }

func (op normalizeGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return in[0].Clone(), nil
}

func (op normalizeGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.normalizing, dx, in, normalizeBackward[float32], normalizeBackward[float64])
}

func normalizeBackward[T kernel.Float](op normalizing, dx []T, in [][]T) {
	x, stats, dy, affine := inputs(op, in)
	var sums []T
	if op.of.shared() {
		last := len(affine) - 1
		affine, sums = affine[:last], affine[last]
	}
	weight, bias := affineOf(affine)
	kernel.NormalizeBackward(op.of.kernel(), dx, x, stats, weight, bias, dy, sums)
}

// Absorb implements [graph.Absorber].
func (op normalizeGrad) Absorb(i int, by graph.Op) (graph.Op, bool) {
	behind, ok := op.behindReLU(i, by)
	return normalizeGrad{behind}, ok
}

// ChannelsLast implements [graph.ChannelsLast].
func (op normalizeGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	last, at, ok := op.last(in)
	if !ok {
		return graph.LastLayout{}
	}
	return graph.LastLayout{Op: normalizeGrad{last}, In: at, Out: true, Follow: true}
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
