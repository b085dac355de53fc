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
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			lengths := nodes.SequenceLengths(x, 0)
			x = nodes.Embedding(s.In("words"), x, 11, 16, nodes.PaddingIndex(0))
			r := layer(s.In("rnn"), x, 70, nodes.Layers(2), nodes.Bidirectional(), nodes.Lengths(lengths), nodes.Between(drop),
				nodes.RecurrentFactors(regularize.RecurrentDropout(0.3)), nodes.ParametrizeRecurrent(regularize.DropConnect(0.3)))
			return nodes.Linear(s.In("fc"), r.Last(), 3)
		}, graph.Shape{16, 9}, graph.Seed(1))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		x := tensor.New(tensor.WithShape(16, 9), tensor.Of(tensor.Float32))
		y := tensor.New(tensor.WithShape(16), tensor.Of(tensor.Int))
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(i * 7 % 11)
		}
		trainer, optimiser := m.Trainer(nodes.CrossEntropy()), train.SGD(0.01)
		step := func() {
			if _, err := trainer.Step(x, y); err != nil {
				t.Fatalf("%s: %+v", name, err)
			}
			if err := trainer.Update(optimiser); err != nil {
				t.Fatalf("%s: %+v", name, err)
			}
		}
		for range 5 {
			step()
		}
		if n := testing.AllocsPerRun(20, step); n >= 1 {
			t.Errorf("%s: a training step makes %v allocations, want 0", name, n)
		}
	}
}
