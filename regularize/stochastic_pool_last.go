package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// pooledLast is a pooling, or the gradient of one, on channels-last memory.
type pooledLast struct {
	graph.Op // the same on memory in the usual order
	run      func(y *tensor.Dense, in []*tensor.Dense)
}

func (op pooledLast) String() string { return op.Op.String() + " channels-last" }

func (op pooledLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	op.run(y, in)
	return nil
}

// last is how op computes on channels-last memory: with its first inputs and its
// output in it, and a step after these if there is one.
func (w windows) last(op graph.Op, images int, step bool, run func(w *kernel.Windows, y *tensor.Dense, in []*tensor.Dense)) graph.LastLayout {
	at := make([]bool, images, images+1)
	for i := range at {
		at[i] = true
	}
	if step {
		at = append(at, false)
	}
	all := w.g.Windows(w.x[1])
	return graph.LastLayout{Op: pooledLast{op, func(y *tensor.Dense, in []*tensor.Dense) { run(all, y, in) }}, In: at, Out: true, Follow: true}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op samplePool) ChannelsLast(...graph.Shape) graph.LastLayout {
	return op.last(op, 1, true, func(w *kernel.Windows, y *tensor.Dense, in []*tensor.Dense) {
		s := op.at(w, in[1])
		kernel.SamplePool(w, s.key, s.step, y.Float32s(), in[0].Float32s())
	})
}

// ChannelsLast implements [graph.ChannelsLast].
func (op samplePoolGrad) ChannelsLast(...graph.Shape) graph.LastLayout {
	return op.of.last(op, 2, true, func(w *kernel.Windows, dx *tensor.Dense, in []*tensor.Dense) {
		s := op.of.at(w, in[2])
		kernel.SamplePoolGrad(w, s.key, s.step, dx.Float32s(), in[0].Float32s(), in[1].Float32s())
	})
}

// ChannelsLast implements [graph.ChannelsLast].
func (op ownPool) ChannelsLast(...graph.Shape) graph.LastLayout {
	return op.last(op, 1, false, func(w *kernel.Windows, y *tensor.Dense, in []*tensor.Dense) {
		kernel.OwnPool(w, y.Float32s(), in[0].Float32s())
	})
}

// ChannelsLast implements [graph.ChannelsLast].
func (op ownPoolGrad) ChannelsLast(...graph.Shape) graph.LastLayout {
	return op.of.last(op, 2, false, func(w *kernel.Windows, dx *tensor.Dense, in []*tensor.Dense) {
		kernel.OwnPoolGrad(w, dx.Float32s(), in[0].Float32s(), in[1].Float32s())
	})
}
