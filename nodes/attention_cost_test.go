package nodes_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// encoderTrainer is one layer of an encoder, with lengths, on 16 sequences of 64.
func encoderTrainer(t testing.TB, lengths bool) (tr *graph.Trainer, x *tensor.Dense) {
	t.Helper()
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		var opts []nodes.TransformerEncoderLayerOption
		if lengths {
			opts = append(opts, nodes.Causal(), nodes.KeyLengths(nodes.SequenceLengths(x, 0)))
		}
		return nodes.TransformerEncoderLayer(s, nodes.SinusoidalPositions(x), 8, 512, opts...)
	}, graph.Shape{16, 64, 256}, graph.Seed(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m.Trainer(nodes.MSE()), ramp(16, 64, 256)
}

func TestEncoderStepAllocatesNothing(t *testing.T) {
	tr, x := encoderTrainer(t, true)
	step := func() {
		if _, err := tr.Step(x, x); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		step()
	}
	if n := testing.AllocsPerRun(5, step); n >= 1 {
		t.Errorf("a step makes %v allocations, want 0", n)
	}
}

// The heads of an attention go through no transpose in either pass.
func TestEncoderTransposesNothing(t *testing.T) {
	tr, x := encoderTrainer(t, false)
	if _, err := tr.Step(x, x); err != nil {
		t.Fatal(err)
	}
	costs, err := tr.Profile()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range costs {
		if c.Op == "Transpose" {
			t.Errorf("%s transposes", c.Path)
		}
	}
}
