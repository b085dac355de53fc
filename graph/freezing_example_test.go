package graph_test

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func ExampleFreezing() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 4))
		return nodes.Linear(s.In("fc2"), x, 2)
	}, graph.Shape{8, 3}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer := m.Trainer(nodes.CrossEntropy(), graph.Freezing("fc1.*"))
	x := tensor.New(tensor.WithShape(8, 3), tensor.Of(tensor.Float32))
	if _, err := trainer.Step(x, tensor.New(tensor.WithShape(8), tensor.Of(tensor.Int))); err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range trainer.Gradients() {
		fmt.Println(g.Name, g.Value != nil)
	}
	fmt.Println(m.Trainer(nodes.CrossEntropy(), graph.Freezing("fc1")).Err())
	// Output:
	// fc1.weight false
	// fc1.bias false
	// fc2.weight true
	// fc2.bias true
	// graph.Freezing: pattern "fc1" matches no parameter, want fc1.* for all below it
}
