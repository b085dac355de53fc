package nodes

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
)

// elementwise is the layout of an op on tensors of one shape, to which it makes no
// difference in what order their elements lie.
func elementwise(op graph.Op, in []graph.Shape) graph.LastLayout {
	last := make([]bool, len(in))
	for i, shape := range in {
		if len(shape) < 3 || !slices.Equal(shape, in[0]) {
			return graph.LastLayout{}
		}
		last[i] = true
	}
	return graph.LastLayout{Op: op, In: last, Out: true, Follow: true}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op relu) ChannelsLast(in ...graph.Shape) graph.LastLayout { return elementwise(op, in) }

// ChannelsLast implements [graph.ChannelsLast].
func (op reluGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout { return elementwise(op, in) }

// ChannelsLast implements [graph.ChannelsLast].
func (op leakyReLU) ChannelsLast(in ...graph.Shape) graph.LastLayout { return elementwise(op, in) }

// ChannelsLast implements [graph.ChannelsLast].
func (op leakyReLUGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout { return elementwise(op, in) }

// ChannelsLast implements [graph.ChannelsLast].
func (op pointwise) ChannelsLast(in ...graph.Shape) graph.LastLayout { return elementwise(op, in) }

// ChannelsLast implements [graph.ChannelsLast].
func (op pointwiseGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout { return elementwise(op, in) }

// ChannelsLast implements [graph.ChannelsLast], where nothing is broadcast.
func (op add) ChannelsLast(in ...graph.Shape) graph.LastLayout { return elementwise(op, in) }

// ChannelsLast implements [graph.ChannelsLast], where nothing is broadcast.
func (op mul) ChannelsLast(in ...graph.Shape) graph.LastLayout { return elementwise(op, in) }
