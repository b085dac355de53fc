package regularize

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// follow is the layout of an op whose first input, and its output if out says so,
// may lie in memory channels-last.
func follow(op graph.Op, out bool) graph.LastLayout {
	return graph.LastLayout{Op: op, In: []bool{true, false}, Out: out, Follow: true}
}

// elementwise is the layout of an op that takes so many inputs of the shape of its
// output element by element, and works in any order of memory.
func elementwise(op graph.Op, inputs int) graph.LastLayout {
	return graph.LastLayout{Op: op, In: slices.Repeat([]bool{true}, inputs), Out: true, Follow: true}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op dropout) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	if len(in[0]) < 3 {
		return graph.LastLayout{}
	}
	return follow(dropoutLast{op}, true)
}

// dropoutLast drops the same elements: they keep their numbers.
type dropoutLast struct{ dropout }

func (op dropoutLast) String() string { return op.dropout.String() + " channels-last" }

func (op dropoutLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	x := y.Shape()
	kernel.MaskApplyLast(op.at(in[1]), y.Float32s(), in[0].Float32s(), x[0], x[1], x[2:].TotalSize())
	return nil
}

// ChannelsLast implements [graph.ChannelsLast]: of the first input only the
// element type counts.
func (op mask) ChannelsLast(...graph.Shape) graph.LastLayout { return follow(op, false) }

// ChannelsLast implements [graph.ChannelsLast]. The factors keep their order, which
// is also that of channels-last memory where they differ along the channels alone,
// or not along them.
func (op masked) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	if k := in[1]; len(k) < 3 || k[1] != 1 && k[2:].TotalSize() != 1 {
		return graph.LastLayout{}
	}
	return follow(maskedLast{x: inMemory(in[0]), k: inMemory(in[1])}, true)
}

// maskedLast knows the shapes in the order of memory: a step makes none.
type maskedLast struct {
	masked
	x, k graph.Shape
}

func (maskedLast) String() string { return "Masked channels-last" }

func (op maskedLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	x, k := in[0].Shape(), in[1].Shape()
	if k[0] == x[0] && k[1] == x[1] && k[2:].TotalSize() == 1 {
		kernel.MaskBroadcastLast(y.Float32s(), in[0].Float32s(), graph.Data[float32](in[1]), x[0], x[1], x[2:].TotalSize())
		return nil
	}
	kernel.MaskBroadcast(y.Float32s(), in[0].Float32s(), graph.Data[float32](in[1]), op.x, op.k)
	return nil
}

// inMemory is the shape (N, C, ...) in the order of channels-last memory.
func inMemory(s graph.Shape) graph.Shape {
	return append(append(graph.Shape{s[0]}, s[2:]...), s[1])
}
