package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
	"gorgonia.org/tensor"
)

// sequence is a layer in one direction and which inputs there are. All ops of it
// take, in this order: x (T, N, F), weight_ih, weight_hh, bias_ih and bias_hh, h0,
// c0, lengths and factors; x and the weights are always there.
type sequence struct {
	recurrent.Layer
	bias, h0, c0, lengths, factors bool
}

func (q sequence) String() string {
	return fmt.Sprintf("{cell %d, %d steps of %d, %d to %d, reverse %v, bias %v, h0 %v, c0 %v, lengths %v, factors %v}",
		q.Cell, q.Steps, q.Batch, q.In, q.Hidden, q.Reverse, q.bias, q.h0, q.c0, q.lengths, q.factors)
}

// at returns the numbers of the inputs, -1 for what is not there.
func (q sequence) at() (at struct{ biasIH, biasHH, h0, c0, lengths, factors, n int }) {
	at.n = 3
	next := func(there bool) int {
		if !there {
			return -1
		}
		at.n++
		return at.n - 1
	}
	at.biasIH, at.biasHH = next(q.bias), next(q.bias)
	at.h0, at.c0 = next(q.h0), next(q.c0)
	at.lengths, at.factors = next(q.lengths), next(q.factors)
	return at
}

func (q sequence) hasGradient(input int) bool {
	at := q.at()
	return input != at.lengths && input != at.factors
}

// input returns input i, nil if there is none.
func input[E any](in []E, i int) (none E) {
	if i < 0 {
		return none
	}
	return in[i]
}

// forwardOf returns the run of a sequence on those inputs.
func forwardOf[T kernel.Float](q sequence, in [][]T) recurrent.Forward[T] {
	at := q.at()
	return recurrent.Forward[T]{
		Layer: q.Layer, X: in[0], Weight: in[1], Bias: input(in, at.biasIH),
		H0: input(in, at.h0), C0: input(in, at.c0), Lengths: input(in, at.lengths), Factors: input(in, at.factors),
	}
}

// recurrentTrace is the run of a training step: all that the gradient needs.
type recurrentTrace struct{ sequence }

func (op recurrentTrace) String() string { return "Recurrent" + op.sequence.String() }

func (op recurrentTrace) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.TraceSize()}, nil
}

func (op recurrentTrace) Forward(trace *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.sequence, trace, in, recurrentTraceForward[float32], recurrentTraceForward[float64])
}

func recurrentTraceForward[T kernel.Float](q sequence, trace []T, in [][]T) {
	f := forwardOf(q, in)
	f.Trace = trace
	recurrent.RunUnpacked(f, in[2], input(in, q.at().biasHH))
}

// tracedStates are the states of a trace, its first input; the others are as ever.
type tracedStates struct{ sequence }

func (op tracedStates) String() string { return "RecurrentStates" + op.sequence.String() }

func (op tracedStates) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.StatesSize()}, nil
}

func (op tracedStates) Forward(states *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.sequence, states, in[:1], tracedStatesForward[float32], tracedStatesForward[float64])
}

func tracedStatesForward[T kernel.Float](q sequence, states []T, in [][]T) {
	recurrent.States(q.Layer, states, in[0])
}

func (op tracedStates) HasGradient(i int) bool { return i > 0 && op.hasGradient(i-1) }

func (op tracedStates) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return append([]*graph.Node{nil}, op.gradients(y.Layer("RecurrentGrad"), in[1:], in[0], dy)...)
}

// recurrentStates is the run of a prediction: the states alone.
type recurrentStates struct{ sequence }

func (op recurrentStates) String() string { return "Recurrent" + op.sequence.String() }

func (op recurrentStates) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.StatesSize()}, nil
}

func (op recurrentStates) Forward(states *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.sequence, states, in, recurrentStatesForward[float32], recurrentStatesForward[float64])
}

func recurrentStatesForward[T kernel.Float](q sequence, states []T, in [][]T) {
	f := forwardOf(q, in)
	f.States = states
	recurrent.RunUnpacked(f, in[2], input(in, q.at().biasHH))
}

func (op recurrentStates) HasGradient(i int) bool { return op.hasGradient(i) }

// Backward computes the sequence anew, for a prediction seldom has a gradient.
func (op recurrentStates) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("RecurrentGrad")
	return op.gradients(s, in, s.Apply(recurrentTrace(op), in...), dy)
}

// Split implements [graph.Splitter]: recurrent weights that stay are packed once.
func (op recurrentStates) Split(fixed bool, in ...graph.Shape) []graph.Part {
	if !fixed {
		return nil
	}
	at := op.at()
	pack := graph.Part{Op: recurrentPack(op), In: []int{2}}
	if op.bias {
		pack.In = append(pack.In, at.biasHH)
	}
	run := graph.Part{Op: packedStates(op)}
	for i := range in {
		run.In = append(run.In, i)
	}
	run.In[2] = len(in)
	return []graph.Part{pack, run}
}

// recurrentPack packs weight_hh and perhaps bias_hh.
type recurrentPack struct{ sequence }

func (op recurrentPack) String() string {
	return fmt.Sprintf("RecurrentPack{cell %d, hidden %d, bias %v}", op.Cell, op.Hidden, op.bias)
}

func (op recurrentPack) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{max(recurrent.PackedSize[float32](op.Layer), recurrent.PackedSize[float64](op.Layer))}, nil
}

func (op recurrentPack) Forward(packed *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.sequence, packed, in, recurrentPackForward[float32], recurrentPackForward[float64])
}

func recurrentPackForward[T kernel.Float](q sequence, packed []T, in [][]T) {
	var bias []T
	if len(in) > 1 {
		bias = in[1]
	}
	recurrent.Pack(q.Layer, packed, in[0], bias)
}

// packedStates is recurrentStates with weight_hh as recurrentPack leaves it.
type packedStates struct{ sequence }

func (op packedStates) String() string { return "RecurrentPacked" + op.sequence.String() }

func (op packedStates) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.StatesSize()}, nil
}

func (op packedStates) Forward(states *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.sequence, states, in, packedStatesForward[float32], packedStatesForward[float64])
}

func packedStatesForward[T kernel.Float](q sequence, states []T, in [][]T) {
	f := forwardOf(q, in)
	f.States, f.Packed = states, in[2]
	f.Run()
}

// FLOPs implements [graph.Counter].
func (op recurrentTrace) FLOPs(...graph.Shape) int64  { return op.flops() }
func (op recurrentStates) FLOPs(...graph.Shape) int64 { return op.flops() }
func (op packedStates) FLOPs(...graph.Shape) int64    { return op.flops() }

func (q sequence) flops() int64 {
	return 2 * int64(q.Steps*q.Batch) * int64(q.Gates()*q.Hidden) * int64(q.In+q.Hidden)
}
