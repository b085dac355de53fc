package graph_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// On an NVIDIA device where there is one, by graph.CUDA(0) nowhere else.
func ExampleOn() {
	model := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.ReLU(x), 10)
	}
	m, err := graph.Build(model, graph.Shape{64, 784}, graph.On(graph.Auto()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.OutputShape())
	// Output: (64, 10)
}
