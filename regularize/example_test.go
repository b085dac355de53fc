package regularize_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// In training, and in the samples of Monte-Carlo dropout shown here, about half
// of the elements are 0 and the others twice as large. Predictions drop nothing.
func ExampleDropout() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s.In("drop"), x, 0.5)
	}, graph.Shape{1, 6}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(1, 6), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	for draw := range uint64(3) {
		y, err := m.Sample(x, draw)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(y.Data())
	}
	y, err := m.Predict(x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(y.Data())
	// Output:
	// [0 4 6 0 10 12]
	// [0 4 0 8 0 0]
	// [0 0 6 0 0 12]
	// [1 2 3 4 5 6]
}

// One mask for all steps of a sequence (N, T, F): the same features are gone
// throughout.
func ExampleNoiseShape() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s.In("drop"), x, 0.5, regularize.NoiseShape(0, 1, 0))
	}, 1, 3, 4)
	// Output:
	// [0 2 2 0]
	// [0 2 2 0]
	// [0 2 2 0]
}

// Of four channels of a signal, two are gone.
func ExampleSpatialDropout1D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.SpatialDropout1D(s.In("drop"), x, 0.5)
	}, 1, 4, 3)
	// Output:
	// [0 0 0]
	// [2 2 2]
	// [2 2 2]
	// [0 0 0]
}

// Two images of two feature maps, 2 by 4 pixels each. The second map of the
// second image is gone.
func ExampleSpatialDropout2D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.SpatialDropout2D(s.In("drop"), x, 0.25)
	}, 2, 2, 2, 4)
	// Output:
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [0 0 0 0]
	// [0 0 0 0]
}

// Of four channels of volumes of 1 by 1 by 2 voxels, two are gone.
func ExampleSpatialDropout3D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.SpatialDropout3D(s.In("drop"), x, 0.5)
	}, 1, 4, 1, 1, 2)
	// Output:
	// [0 0]
	// [2 2]
	// [2 2]
	// [0 0]
}

// printSample prints what a net that draws makes of ones, row by row.
func printSample(net graph.Func, shape ...int) {
	m, err := graph.Build(net, shape, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	y, err := m.Sample(tensor.Ones(tensor.Float32, shape...), 0)
	if err != nil {
		log.Fatal(err)
	}
	width := y.Shape()[y.Dims()-1]
	for v := y.Float32s(); len(v) > 0; v = v[width:] {
		fmt.Println(v[:width])
	}
}
