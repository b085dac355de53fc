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

// withNoise draws for elements, channels, samples and branches, on images whose channels
// lie innermost and on features.
func withNoise(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Conv2D(s.In("conv"), x, 5, 3)
	x = regularize.AlphaDropout(s.In("alpha"), x, 0.1)
	x = regularize.FeatureAlphaDropout(s.In("maps"), x, 0.1)
	x = regularize.GaussianDropout(s.In("factors"), x, 0.1)
	x = regularize.GaussianNoise(s.In("terms"), x, 0.1)
	x = regularize.ChannelDropout(s.In("channels"), x, 0.1)
	x = regularize.Swapout(s.In("swap"), x, nodes.BatchNorm2D(s.In("bn"), x), 0.1, 0.1)
	x = nodes.Add(x, regularize.StochasticBranch(s.In("branch"), x, 0.5, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s.In("bn"), nodes.Conv2D(s.In("conv"), x, 5, 3, nodes.Pad(1)))
	}))
	x = regularize.StochasticDepth(s.In("depth"), nodes.Flatten(nodes.ReLU(x)), 0.1, regularize.RowMode(), regularize.Classic())
	x = regularize.GaussianDropout(s.In("factors2"), regularize.AlphaDropout(s.In("alpha2"), x, 0.1), 0.1)
	return nodes.Linear(s.In("fc"), regularize.Swapout(s.In("swap2"), x, x, 0.1, 0.1), 10)
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
		{"MLP with groups, AdamW", models.MLP(10), train.AdamW(1e-3, train.Group("fc1.*", train.LRFactor(0.1)), train.Group("*.bias", train.WeightDecay(0)))},
		{"noise of all kinds, SGD", withNoise, train.SGD(0.001)},
		{"LeNet5, Adam", models.LeNet5(10, models.Dropout(0.5)), train.Adam(1e-3)},
		{"ClassicCNN, AdamW with clipping", models.ClassicCNN(10), train.AdamW(1e-3, train.ClipNorm(1))},
	} {
		stepAllocatesNothing(t, c.name, c.net, images(), c.optimiser)
	}
	stepAllocatesNothing(t, "ClassicCNN in equal pieces", models.ClassicCNN(10), images(), train.SGD(0.01), graph.InPieces(2))
}

// images are eight of 28 by 28.
func images() *tensor.Dense {
	x := tensor.New(tensor.WithShape(8, 1, 28, 28), tensor.Of(tensor.Float32))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(i%13) / 13
	}
	return x
}

// stepAllocatesNothing trains net on x, all of it of class 0, and counts once it has
// run a few times.
func stepAllocatesNothing(t *testing.T, name string, net graph.Func, x *tensor.Dense, optimiser gorgonia.Solver, opts ...graph.TrainerOption) {
	t.Helper()
	m, err := graph.Build(net, x.Shape(), graph.Seed(1))
	if err != nil {
		t.Fatalf("%s: %+v", name, err)
	}
	y := tensor.New(tensor.WithShape(x.Shape()[0]), tensor.Of(tensor.Int))
	trainer := m.Trainer(nodes.CrossEntropy(), opts...)
	step := func() {
		if _, err := trainer.Step(x, y); err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		if err := trainer.Update(optimiser); err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
	}
	for range 10 {
		step()
	}
	if n := testing.AllocsPerRun(20, step); n >= 1 {
		t.Errorf("%s: a training step makes %v allocations, want 0", name, n)
	}
}
