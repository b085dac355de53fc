package regularize_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// A square of 3 by 3 in each of two images; both end at the border.
func ExampleCutout() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Cutout(s.In("cut"), x, 1, 3)
	}, 2, 1, 5, 6)
	// Output:
	// [1 1 1 1 0 0]
	// [1 1 1 1 0 0]
	// [1 1 1 1 1 1]
	// [1 1 1 1 1 1]
	// [1 1 1 1 1 1]
	// [0 0 0 1 1 1]
	// [0 0 0 1 1 1]
	// [1 1 1 1 1 1]
	// [1 1 1 1 1 1]
	// [1 1 1 1 1 1]
}

// The part of the images that get a square grows from none to all of them in the
// first 1000 steps.
func ExampleSchedule() {
	_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Cutout(s.In("cut"), x, 1, 16, regularize.LinearRate(0, 1000))
	}, graph.Shape{64, 3, 32, 32})
	fmt.Println(err)
	// Output:
	// <nil>
}

// Of five channels, those of small scores are dropped most often. What is kept adds
// up to 15 as before.
func ExampleWeightedChannelDropout() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.WeightedChannelDropout(s.In("drop"), x, 0, regularize.SelectRatio(0.6))
	}, graph.Shape{1, 5, 1}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(1, 5, 1), tensor.WithBacking([]float32{1, 2, 3, 4, 5}))
	for draw := range uint64(4) {
		y, err := m.Sample(x, draw)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(y.Float32s())
	}
	// Output:
	// [1.875 0 5.625 7.5 0]
	// [0 3 4.5 0 7.5]
	// [0 3 4.5 0 7.5]
	// [0 2.7272727 0 5.4545455 6.818182]
}

// A channel that responds on the right tells where to look in the other one too.
func ExampleFocusedDropout() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FocusedDropout(s.In("drop"), x, regularize.Participation(1))
	}, graph.Shape{1, 2, 5}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(1, 2, 5), tensor.WithBacking([]float32{0, 1, 2, 8, 9, 2, 2, 2, 2, 2}))
	y, err := m.Sample(x, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Float32s()[:5])
	fmt.Println(y.Float32s()[5:])
	// Output:
	// [0 0 0 8 9]
	// [0 0 0 2 2]
}

// The largest element of three maps, each with a probability of 1/2: that of the first
// is gone.
func ExampleMaxDrop() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxDrop(s.In("drop"), x, 0.5)
	}, graph.Shape{1, 3, 3}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	y, err := m.Sample(tensor.New(tensor.WithShape(1, 3, 3), tensor.WithBacking([]float32{1, 3, 2, 6, 5, 4, 7, 8, 9})), 0)
	if err != nil {
		log.Fatal(err)
	}
	for c := range 3 {
		fmt.Println(y.Float32s()[3*c:][:3])
	}
	// Output:
	// [1 0 2]
	// [6 5 4]
	// [7 8 9]
}
