package thinnet

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
)

// BenchmarkStep times a training step at batch 64 on 28x28 images: forward,
// cross entropy, backward, and Adam. bench/torch_step.py does the same in
// PyTorch, and bench/compare.sh runs the two in turn.
func BenchmarkStep(b *testing.B) {
	for name, net := range map[string]graph.Func{
		"mlp":         models.MLP(10),
		"lenet5":      models.LeNet5(10, models.Dropout(0.5)),
		"classic_cnn": models.ClassicCNN(10),
	} {
		b.Run(name, func(b *testing.B) {
			m, err := graph.Build(net, graph.Shape{64, 1, 28, 28})
			if err != nil {
				b.Fatal(err)
			}
			indices := make([]int, 64)
			for i := range indices {
				indices[i] = i
			}
			x, t, err := train.Digits(64, 1).Batch(indices)
			if err != nil {
				b.Fatal(err)
			}
			tr, adam := m.Trainer(nodes.CrossEntropy()), train.Adam(1e-3)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tr.Step(x, t); err != nil {
					b.Fatal(err)
				}
				if err := tr.Update(adam); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
