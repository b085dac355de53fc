package regularize_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// Each unit of the layer adds up six inputs of 1, with weights of 1. About half of
// the weights are gone, others for each unit, and the rest is twice as large.
func ExampleDropConnect() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), x, 4, nodes.WeightInit(graph.Ones()), nodes.NoBias(),
			nodes.Parametrize(regularize.DropConnect(0.5)))
	}, 2, 6)
	// Output:
	// [8 8 8 4]
	// [8 8 8 4]
}

// Four samples of six inputs of 1, for two units with weights of 1 and a bias of 0: each
// sample loses other weights.
func ExampleDropConnectLinear() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectLinear(s.In("fc"), x, 2, 0.5,
			regularize.LinearOptions(nodes.WeightInit(graph.Ones()), nodes.BiasInit(graph.Zeros())))
	}, 4, 6)
	// Output:
	// [6 4]
	// [6 4]
	// [2 10]
	// [8 4]
}

// A kernel of four elements, all 1, over an image of ones: each element it loses is
// missing at all positions, and the bias of 1 is lost or doubled with them.
func ExampleDropConnectConv2D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectConv2D(s.In("conv1"), x, 3, 2, 0.5,
			regularize.ConvOptions(nodes.WeightInit(graph.Ones()), nodes.BiasInit(graph.Ones())))
	}, 1, 1, 2, 4)
	// Output:
	// [4 4 4]
	// [6 6 6]
	// [4 4 4]
}

// Three kernels of three elements, all 1, over a signal of ones: each is the same at all
// positions.
func ExampleDropConnectConv1D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectConv1D(s.In("conv1"), x, 3, 3, 0.5,
			regularize.ConvOptions(nodes.WeightInit(graph.Ones()), nodes.NoBias()))
	}, 1, 1, 6)
	// Output:
	// [2 2 2 2]
	// [4 4 4 4]
	// [2 2 2 2]
}

// Two kernels of eight elements, all 1, over a volume of ones.
func ExampleDropConnectConv3D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectConv3D(s.In("conv1"), x, 2, 2, 0.5,
			regularize.ConvOptions(nodes.WeightInit(graph.Ones()), nodes.NoBias()))
	}, 1, 1, 2, 2, 4)
	// Output:
	// [8 8 8]
	// [10 10 10]
}

// The kernels of [regularize.DropConnectConv2D], which lose other elements at each position.
func ExampleDropFilterR() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropFilterR(s.In("conv1"), x, 3, 2, 0.5,
			regularize.ConvOptions(nodes.WeightInit(graph.Ones()), nodes.BiasInit(graph.Ones())))
	}, 1, 1, 2, 4)
	// Output:
	// [4 8 2]
	// [6 8 4]
	// [4 6 4]
}

// Evaluation takes the mean of the activation over masks. With the mean weights the
// units add up -1 and 1, but some masks make the sum of the first positive.
func ExampleGaussianMean() {
	predict(regularize.Activation(nodes.ReLU))
	predict(regularize.Activation(nodes.ReLU), regularize.GaussianMean(1000))
	// Output:
	// [0.00 1.00]
	// [0.47 1.52]
}

// What [regularize.GaussianMean] tends to.
func ExampleGaussianReLU() {
	predict(regularize.GaussianReLU())
	// Output:
	// [0.48 1.48]
}

// predict prints what a layer of two units makes of the input (1, 1).
func predict(opts ...regularize.DropConnectLinearOption) {
	opts = append(opts, regularize.LinearOptions(nodes.WeightInit(graph.Values([]float64{1, -2, -1, 2})), nodes.NoBias()))
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectLinear(s.In("fc"), x, 2, 0.5, opts...)
	}, graph.Shape{1, 2})
	if err != nil {
		log.Fatal(err)
	}
	y, err := m.Predict(tensor.Ones(tensor.Float32, 1, 2))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", y.Data())
}

// Of the four maps that the convolution makes, those of the dropped filters hold
// their bias, 1, alone.
func ExampleDropFilter() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv1D(s.In("conv1"), x, 4, 2, nodes.WeightInit(graph.Ones()), nodes.BiasInit(graph.Ones()),
			nodes.Parametrize(regularize.DropFilter(0.5)))
	}, 1, 1, 4)
	// Output:
	// [1 1 1]
	// [5 5 5]
	// [5 5 5]
	// [1 1 1]
}

// Vectors of six words, two features each.
func ExampleEmbeddingDropout() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		w := s.In("embedding").Param("weight", graph.Shape{6, 2}, graph.Ones())
		return regularize.EmbeddingDropout(0.5)(s.In("embedding"), w)
	}, graph.Shape{1, 1}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	y, err := m.Sample(tensor.New(tensor.WithShape(1, 1), tensor.Of(tensor.Float32)), 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Data())
	// Output:
	// [2 2 2 2 2 2 2 2 0 0 0 0]
}
