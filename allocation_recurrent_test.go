package thinnet

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// Nor does a step of a recurrent network, with all that one can have.
func TestRecurrentStepAllocatesNothing(t *testing.T) {
	drop := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.LockedDropout(s, x, 0.2) }
	for name, layer := range map[string]func(*graph.Scope, *graph.Node, int, ...nodes.RecurrentOption) nodes.Recurrence{
		"LSTM": nodes.LSTM, "GRU": nodes.GRU, "RNN": nodes.RNN,
	} {
		x := tensor.New(tensor.WithShape(16, 9), tensor.Of(tensor.Float32))
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(i * 7 % 11)
		}
		stepAllocatesNothing(t, name, func(s *graph.Scope, x *graph.Node) *graph.Node {
			lengths := nodes.SequenceLengths(x, 0)
			x = nodes.Embedding(s.In("words"), x, 11, 16, nodes.PaddingIndex(0))
			r := layer(s.In("rnn"), x, 70, nodes.Layers(2), nodes.Bidirectional(), nodes.Lengths(lengths), nodes.Between(drop),
				nodes.RecurrentFactors(regularize.RecurrentDropout(0.3)), nodes.ParametrizeRecurrent(regularize.DropConnect(0.3)))
			return nodes.Linear(s.In("fc"), r.Last(), 3)
		}, x, train.SGD(0.01))
	}
}
