package models_test

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Every model with its dropout learns eight random images by heart. A chance
// guess has a loss of ln 4 = 1.39.
func TestTrainingReducesTheLoss(t *testing.T) {
	const n, classes, size = 8, 4, 12
	r := rand.New(rand.NewPCG(1, 2))
	pixels := make([]float32, n*size*size)
	for i := range pixels {
		pixels[i] = float32(r.NormFloat64())
	}
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i % classes
	}
	x := tensor.New(tensor.WithShape(n, 1, size, size), tensor.WithBacking(pixels))
	target := tensor.New(tensor.WithShape(n), tensor.WithBacking(labels))
	for name, f := range map[string]graph.Func{
		"MLP":               models.MLP(classes),
		"MLP with max-norm": models.MLP(classes, models.Hidden(64, 32), models.MaxNorm(2)),
		"LeNet5":            models.LeNet5(classes, models.Dropout(0.2)),
		"ClassicCNN":        models.ClassicCNN(classes, models.Channels(8, 16)),
	} {
		t.Run(name, func(t *testing.T) {
			m := build(t, f, n, 1, size, size)
			tr := m.Trainer(nodes.CrossEntropy())
			solver := gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.1))
			var first, last float64
			const steps, window = 60, 5 // losses are averaged over a few masks
			for step := range steps {
				r, err := tr.Step(x, target)
				if err != nil {
					t.Fatalf("%+v", err)
				}
				if err := tr.Update(solver); err != nil {
					t.Fatalf("%+v", err)
				}
				if step < window {
					first += r.Loss / window
				}
				if step >= steps-window {
					last += r.Loss / window
				}
			}
			if !(last < first/2) {
				t.Errorf("got a loss of %.3g after %.3g, want at most half", last, first)
			}
		})
	}
}
