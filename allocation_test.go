package thinnet

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func withL2(s *graph.Scope, x *graph.Node) *graph.Node {
	regularize.L2(s, 1e-4)
	return models.MLP(10)(s, x)
}

// A training step allocates nothing once it has run a few times.
func TestTrainingStepAllocatesNothing(t *testing.T) {
	for _, c := range []struct {
		name      string
		net       graph.Func
		optimiser gorgonia.Solver
	}{
		{"MLP, SGD", models.MLP(10), train.SGD(0.01, train.Momentum(0.9))},
		{"MLP with L2, SGD", withL2, train.SGD(0.01)},
		{"LeNet5, Adam", models.LeNet5(10, models.Dropout(0.5)), train.Adam(1e-3)},
		{"ClassicCNN, AdamW with clipping", models.ClassicCNN(10), train.AdamW(1e-3, train.ClipNorm(1))},
	} {
		m, err := graph.Build(c.net, graph.Shape{8, 1, 28, 28}, graph.Seed(1))
		if err != nil {
			t.Fatalf("%s: %+v", c.name, err)
		}
		x := tensor.New(tensor.WithShape(8, 1, 28, 28), tensor.Of(tensor.Float32))
		y := tensor.New(tensor.WithShape(8), tensor.Of(tensor.Int))
		for i := range x.Float32s() {
			x.Float32s()[i] = float32(i%13) / 13
		}
		trainer := m.Trainer(nodes.CrossEntropy())
		step := func() {
			if _, err := trainer.Step(x, y); err != nil {
				t.Fatalf("%s: %+v", c.name, err)
			}
			if err := trainer.Update(c.optimiser); err != nil {
				t.Fatalf("%s: %+v", c.name, err)
			}
		}
		for range 5 {
			step()
		}
		if n := testing.AllocsPerRun(20, step); n >= 1 {
			t.Errorf("%s: a training step makes %v allocations, want 0", c.name, n)
		}
	}
}
