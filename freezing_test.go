package thinnet

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// Whatever a program fuses or leaves out, the gradients of the parameters that are not
// frozen have the bits that they have where none is.
func TestFreezingChangesNoOtherGradient(t *testing.T) {
	x := images()
	class := tensor.New(tensor.WithShape(x.Shape()[0]), tensor.Of(tensor.Int))
	for name, net := range map[string]graph.Func{
		"MLP":        models.MLP(10),
		"LeNet5":     models.LeNet5(10, models.Dropout(0.5)),
		"ClassicCNN": models.ClassicCNN(10),
		"noise":      withNoise,
		"ResNet":     models.CIFARResNet(8, 10),
		"LSTM": func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.LSTM(s.In("lstm"), nodes.Reshape(x, 0, 28, 28), 8, nodes.Layers(2), nodes.Bidirectional()).Last()
			return nodes.Linear(s.In("fc"), x, 10)
		},
	} {
		gradients := func(patterns ...string) (float64, []graph.Gradient) {
			tr := build(t, net, x.Shape(), graph.Seed(1)).Trainer(nodes.CrossEntropy(), graph.Freezing(patterns...))
			r, err := tr.Step(x, class)
			if err != nil {
				t.Fatalf("%s, %q frozen: %+v", name, patterns, err)
			}
			return r.Loss, tr.Gradients()
		}
		loss, want := gradients()
		for i := range want {
			var patterns []string // ever more of them, from the first on, and every other one
			for k, g := range want[:len(want)-1] {
				if k <= i && i%2 == 0 || i%2 == 1 && (k+i/2)%2 == 0 {
					patterns = append(patterns, g.Name)
				}
			}
			l, got := gradients(patterns...)
			if l != loss {
				t.Errorf("%s, %q frozen: the loss is %v, want %v", name, patterns, l, loss)
			}
			for k, g := range got {
				switch frozen := slices.Contains(patterns, g.Name); {
				case frozen && g.Value != nil:
					t.Errorf("%s, %q frozen: %s has a gradient", name, patterns, g.Name)
				case !frozen && !slices.Equal(graph.Data[float32](g.Value), graph.Data[float32](want[k].Value)):
					t.Errorf("%s, %q frozen: the gradient of %s has other bits", name, patterns, g.Name)
				}
			}
		}
	}
}

func BenchmarkStepOfTheLastLayer(b *testing.B) {
	x := images()
	class := tensor.New(tensor.WithShape(x.Shape()[0]), tensor.Of(tensor.Int))
	for name, opts := range map[string][]graph.TrainerOption{"all": nil, "last": {graph.Freezing("block*")}} {
		b.Run(name, func(b *testing.B) {
			m, err := graph.Build(models.ClassicCNN(10), x.Shape(), graph.Seed(1))
			if err != nil {
				b.Fatal(err)
			}
			tr, o := m.Trainer(nodes.CrossEntropy(), opts...), train.Adam(1e-3)
			for b.Loop() {
				if _, err := tr.Step(x, class); err != nil {
					b.Fatal(err)
				}
				if err := tr.Update(o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
