package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
	"gorgonia.org/tensor"
)

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
