package nodes_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
)

// Each two samples are normalised by themselves.
func ExampleGhostBatch() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s.In("bn"), x, nodes.GhostBatch(2))
	}
	m, err := graph.Build(net, graph.Shape{4, 1}, graph.Float64())
	if err != nil {
		log.Fatal(err)
	}
	x := matrix(4, 1, 1, 2, 30, 10)
	r, err := m.Trainer(nodes.MSE()).Step(x, x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", r.Output.Float64s())
	// Output: [-1.000 1.000 1.000 -1.000]
}

// To fine-tune with frozen statistics: the norm is as in evaluation, and its weight
// and bias learn.
func ExampleBatchNorm1D_frozen() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s.In("bn").InMode(graph.Eval), x)
	}
	m, err := graph.Build(net, graph.Shape{2, 1}, graph.Float64())
	if err != nil {
		log.Fatal(err)
	}
	trainer := m.Trainer(nodes.MSE())
	if _, err := trainer.Step(matrix(2, 1, 3, 5), matrix(2, 1, 0, 0)); err != nil {
		log.Fatal(err)
	}
	if err := trainer.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0.01))); err != nil {
		log.Fatal(err)
	}
	for _, w := range m.Weights() {
		if w.Value.Dims() == 1 {
			fmt.Printf("%s %.3v\n", w.Name, w.Value)
		}
	}
	// Output:
	// bn.weight [0.66]
	// bn.bias [-0.08]
	// bn.running_mean [0]
	// bn.running_var [1]
}
