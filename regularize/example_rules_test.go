package regularize_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// The error of the model is 0; what is left of the loss is 0.5·(|3| + |-4|).
func ExampleL1() {
	printStep(func(s *graph.Scope, x *graph.Node) *graph.Node {
		regularize.L1(s, 0.5) // all weights of the model, none of the biases
		return nodes.Linear(s.In("fc"), x, 1, weights)
	})
	// Output:
	// loss 3.5, gradient [0.5 -0.5], updated [2.95 -3.95]
}

// The error of the model is 0; what is left of the loss is 0.5·(3² + 4²).
func ExampleL2() {
	printStep(func(s *graph.Scope, x *graph.Node) *graph.Node {
		regularize.L2(s.In("fc"), 0.5) // the weights of one layer
		return nodes.Linear(s.In("fc"), x, 1, weights)
	})
	// Output:
	// loss 12.5, gradient [3 -4], updated [2.7 -3.6]
}

// The gradient is 0, but the weights have length 5: the update shortens them.
func ExampleMaxNorm() {
	printStep(func(s *graph.Scope, x *graph.Node) *graph.Node {
		regularize.MaxNorm(s, 2)
		return nodes.Linear(s.In("fc"), x, 1, weights)
	})
	// Output:
	// loss 0, gradient [0 0], updated [1.2 -1.6]
}

// The update changes nothing but the length of the weights, 5.
func ExampleUnitNorm() {
	printStep(func(s *graph.Scope, x *graph.Node) *graph.Node {
		regularize.UnitNorm(s)
		return nodes.Linear(s.In("fc"), x, 1, weights)
	})
	// Output:
	// loss 0, gradient [0 0], updated [0.6 -0.8]
}

// One unit of length 5: what is left of the loss is 0.001·(5² - 1)².
func ExampleOrthogonalPenalty() {
	printStep(func(s *graph.Scope, x *graph.Node) *graph.Node {
		regularize.OrthogonalPenalty(s, 0.001)
		return nodes.Linear(s.In("fc"), x, 1, weights)
	})
	// Output:
	// loss 0.576, gradient [0.288 -0.384], updated [2.971 -3.962]
}

// weights are those of one unit with two inputs.
var weights = nodes.WeightInit(graph.Values([]float64{3, -4}))

// printStep trains a net of two inputs and one output for one step, on an input
// of 0.
func printStep(net graph.Func) {
	m, err := graph.Build(net, graph.Shape{1, 2})
	if err != nil {
		log.Fatal(err)
	}
	t := m.Trainer(nodes.MSE())
	zeros := tensor.New(tensor.WithShape(1, 2), tensor.Of(tensor.Float32))
	y, err := m.Predict(zeros) // the bias
	if err != nil {
		log.Fatal(err)
	}
	r, err := t.Step(zeros, y)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("loss %.4g, gradient %.4g", r.Loss, t.Gradients()[0].Value.Data())
	if err := t.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.1))); err != nil {
		log.Fatal(err)
	}
	fmt.Printf(", updated %.4g\n", m.Weights()[0].Value.Data())
}
