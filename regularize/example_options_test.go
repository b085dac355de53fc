package regularize_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// At each of three positions the larger of two channels is dropped, as p is 1.
func ExampleAcrossChannels() {
	printMaps(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxDrop(s.In("drop"), x, 1, regularize.AcrossChannels())
	}, 2, 1, 5, 2, 3, 4, 6)
	// Output:
	// [1 0 2]
	// [0 4 0]
}

// Of five channels two are selected, most often those that respond most. What is kept
// adds up to 15 as before.
func ExampleSelectRatio() {
	printMaps(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.WeightedChannelDropout(s.In("drop"), x, 0, regularize.SelectRatio(0.4))
	}, 5, 1, 2, 3, 4, 5)
	// Output:
	// [3.75]
	// [0]
	// [11.25]
	// [0]
	// [0]
}

// With a rate of 1 it takes part in every batch, by default in one of ten. The first
// channel says that the last two positions matter.
func ExampleParticipation() {
	printMaps(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FocusedDropout(s.In("drop"), x, regularize.Participation(1))
	}, 2, 0, 1, 8, 9, 2, 2, 2, 2)
	// Output:
	// [0 0 8 9]
	// [0 0 2 2]
}

// The threshold is half of the largest element, 9.
func ExampleFocusBetween() {
	printMaps(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FocusedDropout(s.In("drop"), x, regularize.Participation(1), regularize.FocusBetween(0.5, 0.5))
	}, 2, 4, 5, 6, 9, 1, 1, 1, 1)
	// Output:
	// [0 5 6 9]
	// [0 1 1 1]
}

// Windows of 3 that begin at every second element; where p is 0 they are those of a
// max pooling.
func ExampleWindow() {
	printMaps(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxPoolDropout1D(s.In("pool"), x, 0, 3, regularize.Window(nodes.Stride(2), nodes.Pad(1)))
	}, 1, 1, 2, 3, 4, 5)
	// Output:
	// [2 4 5]
}

// Evaluation takes half of the largest of 1, 2, 3, 4, as p is 1/2.
func ExamplePredictScaledMax() {
	predictOf(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxPoolDropout1D(s.In("pool"), x, 0.5, 4, regularize.PredictScaledMax())
	}, graph.Shape{1, 1, 4}, 1, 2, 3, 4)
	// Output:
	// [2]
}

// The layer adds up 1 and -1, and applies the activation to it.
func ExampleActivation() {
	predictOf(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectLinear(s.In("fc"), x, 2, 0.5,
			regularize.Activation(nodes.ReLU),
			regularize.LinearOptions(nodes.NoBias(), nodes.WeightInit(graph.Values([]float64{2, -1, 1, -2}))))
	}, graph.Shape{1, 2}, 1, 1)
	// Output:
	// [1 0]
}

// Weights of 1 and no bias: in evaluation the layer adds up its inputs.
func ExampleLinearOptions() {
	predictOf(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectLinear(s.In("fc"), x, 1, 0.5,
			regularize.LinearOptions(nodes.WeightInit(graph.Ones()), nodes.NoBias()))
	}, graph.Shape{1, 3}, 1, 2, 3)
	// Output:
	// [6]
}

// The kernel of three ones steps by two: in evaluation it adds up 1 to 3 and 3 to 5.
func ExampleConvOptions() {
	predictOf(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropConnectConv1D(s.In("conv1"), x, 1, 3, 0.5,
			regularize.ConvOptions(nodes.WeightInit(graph.Ones()), nodes.NoBias(), nodes.Stride(2)))
	}, graph.Shape{1, 1, 5}, 1, 2, 3, 4, 5)
	// Output:
	// [6 12]
}

// printMaps prints, channel by channel, what a net that draws makes of a sample.
func printMaps(net graph.Func, channels int, x ...float32) {
	shape := graph.Shape{1, channels, len(x) / channels}
	m, err := graph.Build(net, shape, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	y, err := m.Sample(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x)), 0)
	if err != nil {
		log.Fatal(err)
	}
	width := y.Shape()[2]
	for v := y.Float32s(); len(v) > 0; v = v[width:] {
		fmt.Println(v[:width])
	}
}

// predictOf prints the prediction of a net.
func predictOf(net graph.Func, shape graph.Shape, x ...float32) {
	m, err := graph.Build(net, shape, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	y, err := m.Predict(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Float32s())
}
