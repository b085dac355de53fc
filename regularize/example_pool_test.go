package regularize_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// Samples of the largest element that is kept of 1, 2, 3, 4, and of 5, 6, 7, 8, and
// then their mean, which a prediction gives.
func ExampleMaxPoolDropout2D() {
	printPool(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxPoolDropout2D(s.In("pool"), x, 0.5, 2)
	}, 1, 2, 2, 2)
	// Output:
	// [3 8]
	// [0 7]
	// [4 8]
	// [3.0625 6.8125]
}

// Windows of 3 that overlap by one.
func ExampleMaxPoolDropout1D() {
	printPool(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxPoolDropout1D(s.In("pool"), x, 0.5, 3, regularize.Window(nodes.Stride(2)))
	}, 1, 1, 7)
	// Output:
	// [3 3 6]
	// [0 5 7]
	// [2 5 7]
	// [2.125 3.875 5.625]
}

// The rules that the paper compares with its own: of 1, 2, 3, 4 the largest, and half
// of it.
func ExamplePredictMax() {
	for _, rule := range []regularize.MaxPoolDropoutOption{regularize.PredictMax(), regularize.PredictScaledMax()} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.MaxPoolDropout2D(s.In("pool"), x, 0.5, 2, rule)
		}, graph.Shape{1, 1, 2, 2})
		if err != nil {
			log.Fatal(err)
		}
		y, err := m.Predict(tensor.New(tensor.WithShape(1, 1, 2, 2), tensor.WithBacking([]float32{1, 2, 3, 4})))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(y.Float32s())
	}
	// Output:
	// [4]
	// [2]
}

// Samples of 1, 2, 3, 4, large ones more often, and their mean, (1+4+9+16)/10; and
// likewise of 5, 6, 7, 8.
func ExampleStochasticPool2D() {
	printPool(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticPool2D(s.In("pool"), x, 2)
	}, 1, 2, 2, 2)
	// Output:
	// [4 6]
	// [2 5]
	// [3 8]
	// [3 6.6923075]
}

// One of 1, 2, 3, and one of 4, 5, 6.
func ExampleStochasticPool1D() {
	printPool(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticPool1D(s.In("pool"), x, 3)
	}, 1, 1, 6)
	// Output:
	// [3 5]
	// [2 4]
	// [3 6]
	// [2.3333333 5.133333]
}

// printPool prints three samples of what a net makes of 1, 2, 3, ..., and then its
// prediction.
func printPool(net graph.Func, shape ...int) {
	m, err := graph.Build(net, shape, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float32))
	for i := range x.Float32s() {
		x.Float32s()[i] = float32(i + 1)
	}
	for draw := range uint64(3) {
		y, err := m.Sample(x, draw)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(y.Float32s())
	}
	y, err := m.Predict(x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Float32s())
}
