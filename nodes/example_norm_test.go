package nodes_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
)

// A training step normalises by the batch and moves the running statistics, by
// which a prediction normalises.
func ExampleBatchNorm1D() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm1D(s.In("bn"), x)
	}
	m, err := graph.Build(net, graph.Shape{4, 1}, graph.Float64())
	if err != nil {
		log.Fatal(err)
	}
	x := matrix(4, 1, 1, 2, 3, 4)
	trainer := m.Trainer(nodes.MSE())
	r, err := trainer.Step(x, x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("training: %.3f\n", r.Output.Float64s())
	if err := trainer.Update(gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(0))); err != nil {
		log.Fatal(err)
	}
	y, err := m.Predict(x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("prediction: %.3f\n", y.Float64s())
	for _, w := range m.Weights() {
		fmt.Println(w.Name, w.Trainable, w.Value)
	}
	// Output:
	// training: [-1.342 -0.447 0.447 1.342]
	// prediction: [0.726 1.694 2.663 3.631]
	// bn.weight true [1]
	// bn.bias true [0]
	// bn.running_mean false [0.25]
	// bn.running_var false [1.0666666666666667]
	// bn.num_batches_tracked false 1
}

// The statistics of a channel are those of all its pixels, in all images.
func ExampleBatchNorm2D() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm2D(s.In("bn"), x, nodes.Untracked())
	}
	show(net, dense([]float64{1, 2, 3, 4, 10, 20, 30, 40}, 1, 2, 2, 2))
	// Output:
	// [-1.342 -0.447]
	// [0.447 1.342]
	// [-1.342 -0.447]
	// [0.447 1.342]
}

func ExampleBatchNorm3D() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.BatchNorm3D(s.In("bn"), x, nodes.CumulativeAverage(), nodes.Eps(1e-3))
	}
	m, err := graph.Build(net, graph.Shape{2, 3, 4, 8, 8})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.OutputShape())
	// Output: (2, 3, 4, 8, 8)
}

func ExampleLayerNorm() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.LayerNorm(s.In("ln"), x)
	}
	show(net, matrix(2, 4, 1, 2, 3, 4, -10, 0, 0, 10))
	// Output:
	// [-1.342 -0.447 0.447 1.342]
	// [-1.414 0.000 0.000 1.414]
}

// Two groups of two channels each.
func ExampleGroupNorm() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.GroupNorm(s.In("gn"), x, 2)
	}
	show(net, matrix(1, 4, 1, 2, 30, 40))
	// Output: [-1.000 1.000 -1.000 1.000]
}
