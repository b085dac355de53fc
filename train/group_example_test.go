package train_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The first layer stays as it is, the second learns more slowly than the last, and no
// bias decays.
func ExampleFreeze() {
	ctx, data := context.Background(), train.Digits(500, 1)
	m, err := graph.Build(models.MLP(10, models.Hidden(32, 16)), graph.Shape{50, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	before := map[string][]float32{}
	for _, w := range m.Weights() {
		before[w.Name] = slices.Clone(w.Value.Float32s())
	}

	optimiser := train.AdamW(1e-3,
		train.Group("fc2.*", train.LRFactor(0.1)),
		train.Group("*.bias", train.WeightDecay(0)))
	if _, err := train.Fit(ctx, m, data, nodes.CrossEntropy(), optimiser,
		train.Freeze("fc1.*"), train.ReportTo(nil)); err != nil {
		log.Fatal(err)
	}

	for _, w := range m.Weights() {
		moved := float32(0)
		for i, v := range w.Value.Float32s() {
			moved = max(moved, v-before[w.Name][i], before[w.Name][i]-v)
		}
		fmt.Printf("%-10s moved: %-5v  by more than 0.002: %v\n", w.Name, moved > 0, moved > 0.002)
	}
	// Output:
	// fc1.weight moved: false  by more than 0.002: false
	// fc1.bias   moved: false  by more than 0.002: false
	// fc2.weight moved: true   by more than 0.002: false
	// fc2.bias   moved: true   by more than 0.002: false
	// fc3.weight moved: true   by more than 0.002: true
	// fc3.bias   moved: true   by more than 0.002: true
}

// In a Gorgonia program parameters have the names of their nodes.
func ExampleGroup() {
	params := func() []gorgonia.ValueGrad {
		var out []gorgonia.ValueGrad
		for _, name := range []string{"encoder.weight", "fc.weight"} {
			p := newParam([]float64{2}, 1)
			p.grad = tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{1}))
			out = append(out, called{p, name})
		}
		return out
	}()
	if err := train.SGD(0.5, train.Group("encoder.*", train.LRFactor(0.1))).Step(params); err != nil {
		log.Fatal(err)
	}
	for _, p := range params {
		fmt.Println(p.Value().Data())
	}
	// Output:
	// [1.95]
	// [1.5]
}
