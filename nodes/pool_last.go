package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// poolLast is a pooling, or the gradient of one, on channels-last memory.
type poolLast struct {
	graph.Op // the same on memory in the usual order
	windows  *kernel.Windows
	run      func(w *kernel.Windows, y []float32, in [][]float32)
}

func (op poolLast) String() string { return "Last" + op.Op.String() }

func (op poolLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, poolLastForward, nil)
}

func poolLastForward(op poolLast, y []float32, in [][]float32) { op.run(op.windows, y, in) }

// lastLayoutOf is how a pooling computes on channels-last memory: with all of its
// inputs and its output in it.
func lastLayoutOf(op poolLast, inputs int) graph.LastLayout {
	at := make([]bool, inputs)
	for i := range at {
		at[i] = true
	}
	return graph.LastLayout{Op: op, In: at, Out: true, Follow: true}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op maxPool) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayoutOf(poolLast{op, op.g.Windows(op.x[1]), maxPoolLast}, len(in))
}

func maxPoolLast(w *kernel.Windows, y []float32, in [][]float32) { w.MaxPool(y, in[0]) }

// ChannelsLast implements [graph.ChannelsLast].
func (op maxPoolGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayoutOf(poolLast{op, op.of.g.Windows(op.of.x[1]), maxPoolGradLast}, len(in))
}

func maxPoolGradLast(w *kernel.Windows, dx []float32, in [][]float32) {
	w.MaxPoolGrad(dx, in[0], in[1])
}

// ChannelsLast implements [graph.ChannelsLast].
func (op avgPool) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayoutOf(poolLast{op, op.g.Windows(op.x[1]), avgPoolLast}, len(in))
}

func avgPoolLast(w *kernel.Windows, y []float32, in [][]float32) { w.AvgPool(y, in[0]) }

// ChannelsLast implements [graph.ChannelsLast].
func (op avgPoolGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayoutOf(poolLast{op, op.of.g.Windows(op.of.x[1]), avgPoolGradLast}, len(in))
}

func avgPoolGradLast(w *kernel.Windows, dx []float32, in [][]float32) { w.AvgPoolGrad(dx, in[0]) }

// ChannelsLast implements [graph.ChannelsLast].
func (op adaptiveAvgPool) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayoutOf(poolLast{op, op.windows(), avgPoolLast}, len(in))
}

// ChannelsLast implements [graph.ChannelsLast].
func (op adaptiveAvgPoolGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	to := lastLayoutOf(poolLast{op, op.of.windows(), avgPoolGradLast}, len(in))
	to.Follow = len(op.of.y) > 2 // an input (N, C) is in either order
	return to
}
