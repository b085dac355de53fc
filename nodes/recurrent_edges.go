package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
	"gorgonia.org/tensor"
)

// What lies between batch first, (N, T, F), and the time-major runs.

// timeMajor exchanges the first two axes, and sets to 0 what is beyond the lengths,
// the second input, if they are there. With back it makes (N, T, F) of (T, N, F).
type timeMajor struct{ back bool }

func timeMajorOf(s *graph.Scope, x, lengths *graph.Node) *graph.Node {
	return s.Apply(timeMajor{}, some(x, lengths)...)
}

// some returns the nodes that are not nil.
func some(xs ...*graph.Node) (out []*graph.Node) {
	for _, x := range xs {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

func (op timeMajor) String() string { return fmt.Sprintf("TimeMajor{back %v}", op.back) }

func (timeMajor) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return graph.Shape{in[0][1], in[0][0], in[0][2]}, nil
}

func (op timeMajor) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	m := moving{y.Shape()[1], y.Shape()[0], y.Shape()[2], op.back}
	return graph.Run(m, y, in, timeMajorForward[float32], timeMajorForward[float64])
}

// moving is the size of y (outer, inner, width).
type moving struct {
	inner, outer, width int
	back                bool
}

func timeMajorForward[T kernel.Float](m moving, y []T, in [][]T) {
	var lengths []T
	if len(in) > 1 {
		lengths = in[1]
	}
	if m.back {
		recurrent.BatchMajor(y, in[0], m.inner, m.outer, m.width, lengths)
	} else {
		recurrent.TimeMajor(y, in[0], m.outer, m.inner, m.width, lengths)
	}
}

func (timeMajor) HasGradient(i int) bool { return i == 0 }

func (op timeMajor) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	grads := make([]*graph.Node, len(in))
	grads[0] = y.Layer("TimeMajorGrad").Apply(timeMajor{!op.back}, append([]*graph.Node{dy}, in[1:]...)...)
	return grads
}

// outputs is (N, T, H) of the states, 0 beyond the lengths.
type outputs struct{ sequence }

func (op outputs) String() string { return "RecurrentOutput" + op.sequence.String() }

func (op outputs) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.Batch, op.Steps, op.Hidden}, nil
}

func (op outputs) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.sequence, y, in, outputsForward[float32], outputsForward[float64])
}

func outputsForward[T kernel.Float](q sequence, y []T, in [][]T) {
	recurrent.Output(q.Layer, y, in[0], input(in, lastIf(q.lengths, in)))
}

// lastIf is the number of the last input if it is there.
func lastIf[E any](there bool, in []E) int {
	if there {
		return len(in) - 1
	}
	return -1
}

func (outputs) HasGradient(i int) bool { return i == 0 }

func (op outputs) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	grads := make([]*graph.Node, len(in))
	grads[0] = y.Layer("RecurrentOutputGrad").Apply(outputsGrad(op), append([]*graph.Node{dy}, in[1:]...)...)
	return grads
}

// outputsGrad is the gradient of the states.
type outputsGrad struct{ sequence }

func (op outputsGrad) String() string { return "RecurrentOutputGrad" + op.sequence.String() }

func (op outputsGrad) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.StatesSize()}, nil
}

func (op outputsGrad) Forward(d *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.sequence, d, in, outputsBackward[float32], outputsBackward[float64])
}

func outputsBackward[T kernel.Float](q sequence, d []T, in [][]T) {
	recurrent.OutputGrad(q.Layer, d, in[0], input(in, lastIf(q.lengths, in)))
}

// endOf is the state h, or c, at the end of a sequence, (N, H).
type endOf struct {
	sequence
	cell bool
}

func (op endOf) String() string {
	return fmt.Sprintf("RecurrentEnd{cell %v, %v}", op.cell, op.sequence)
}

func (op endOf) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.Batch, op.Hidden}, nil
}

func (op endOf) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, endForward[float32], endForward[float64])
}

func endForward[T kernel.Float](op endOf, y []T, in [][]T) {
	copy(y, in[0][op.End(op.cell):])
}

func (op endOf) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("RecurrentEndGrad").Apply(endGrad(op), dy)}
}

type endGrad struct {
	sequence
	cell bool
}

func (op endGrad) String() string {
	return fmt.Sprintf("RecurrentEndGrad{cell %v, %v}", op.cell, op.sequence)
}

func (op endGrad) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.StatesSize()}, nil
}

func (op endGrad) Forward(d *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, d, in, endBackward[float32], endBackward[float64])
}

func endBackward[T kernel.Float](op endGrad, d []T, in [][]T) {
	clear(d)
	copy(d[op.End(op.cell):], in[0])
}

// layerOf is x[:, i] of x (N, L, H).
type layerOf struct{ i int }

func (op layerOf) String() string { return fmt.Sprintf("LayerOf{%d}", op.i) }

func (op layerOf) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if in[0].Dims() != 3 || op.i >= in[0][1] {
		return nil, errors.Errorf("x has shape %v, want (N, more than %d, H)", in[0], op.i)
	}
	return graph.Shape{in[0][0], in[0][2]}, nil
}

func (op layerOf) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return slice{1, op.i, 1}.Forward(y, in...)
}

func (op layerOf) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("LayerOfGrad").Apply(layerOfGrad{op.i, in[0].Dim(1)}, dy)}
}

// layerOfGrad puts x (N, H) at i of (N, n, H), which is else 0.
type layerOfGrad struct{ i, n int }

func (op layerOfGrad) String() string { return fmt.Sprintf("LayerOfGrad{%d of %d}", op.i, op.n) }

func (op layerOfGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return graph.Shape{in[0][0], op.n, in[0][1]}, nil
}

func (op layerOfGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	b := block{linesAlong(dx.Shape(), 1), op.i, 1}
	return graph.Run(b, dx, in, placeBlock[float32], placeBlock[float64])
}

// onesOf is a constant 1 of a shape.
type onesOf struct{ shape graph.Shape }

func (op onesOf) String() string { return fmt.Sprintf("Ones{%v}", op.shape) }

func (op onesOf) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op onesOf) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, onesForward[float32], onesForward[float64])
}

func onesForward[T kernel.Float](_ onesOf, y []T, _ [][]T) {
	for i := range y {
		y[i] = 1
	}
}
