package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// Ops that copy along one axis do so in any order of memory.

// ChannelsLast implements [graph.ChannelsLast].
func (op concat) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return alongLast(concatLast{op}, in)
}

// ChannelsLast implements [graph.ChannelsLast].
func (op slice) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return alongLast(sliceLast{op}, in)
}

// ChannelsLast implements [graph.ChannelsLast].
func (op zeroPad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return alongLast(zeroPadLast{op}, in)
}

func alongLast(op graph.Op, in []graph.Shape) graph.LastLayout {
	if len(in[0]) < 3 {
		return graph.LastLayout{}
	}
	last := make([]bool, len(in))
	for i := range last {
		last[i] = true
	}
	return graph.LastLayout{Op: op, In: last, Out: true, Follow: true}
}

// linesAlongLast is linesAlong for channels-last memory, in which (N, C, ...) lies as
// (N, ..., C).
func linesAlongLast(shape graph.Shape, axis int) lines {
	if axis < 0 {
		axis += len(shape)
	}
	n, c := shape[0], shape[1]
	switch axis {
	case 0:
		return lines{1, n, shape[1:].TotalSize()}
	case 1:
		return lines{n * shape[2:].TotalSize(), c, 1}
	}
	return lines{n * shape[2:axis].TotalSize(), shape[axis], shape[axis+1:].TotalSize() * c}
}

type concatLast struct{ concat }

func (op concatLast) String() string { return "ChannelsLast{" + op.concat.String() + "}" }

func (op concatLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return op.forward(linesAlongLast(y.Shape(), op.axis), y, in)
}

type sliceLast struct{ slice }

func (op sliceLast) String() string { return "ChannelsLast{" + op.slice.String() + "}" }

func (op sliceLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return op.forward(linesAlongLast(in[0].Shape(), op.axis), y, in)
}

type zeroPadLast struct{ zeroPad }

func (op zeroPadLast) String() string { return "ChannelsLast{" + op.zeroPad.String() + "}" }

func (op zeroPadLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return op.forward(linesAlongLast(y.Shape(), op.axis), y, in)
}
