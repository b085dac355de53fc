package regularize_test

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

// Of the first of two channels, two runs of three positions are gone.
func ExampleDropBlock1D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropBlock1D(s.In("drop"), x, 0.3, 3)
	}, 1, 2, 12)
	// Output:
	// [1.3333334 1.3333334 1.3333334 0 0 0 1.3333334 1.3333334 1.3333334 0 0 0]
	// [1.3333334 1.3333334 1.3333334 1.3333334 1.3333334 1.3333334 1.3333334 1.3333334 1.3333334 1.3333334 1.3333334 1.3333334]
}

// Three squares of 3 by 3 in one map; two of them overlap.
func ExampleDropBlock2D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropBlock2D(s.In("drop"), x, 0.3, 3)
	}, 1, 1, 6, 8)
	// Output:
	// [1.92 1.92 1.92 0 0 0 1.92 1.92]
	// [1.92 0 0 0 0 0 1.92 1.92]
	// [1.92 0 0 0 0 0 1.92 1.92]
	// [0 0 0 0 1.92 1.92 1.92 1.92]
	// [0 0 0 1.92 1.92 1.92 1.92 1.92]
	// [0 0 0 1.92 1.92 1.92 1.92 1.92]
}

// Two cubes of 2 by 2 by 2 in a volume of 3 by 3 by 3, plane after plane.
func ExampleDropBlock3D() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropBlock3D(s.In("drop"), x, 0.2, 2)
	}, 1, 1, 3, 3, 3)
	// Output:
	// [2.0769231 2.0769231 2.0769231]
	// [0 0 2.0769231]
	// [0 0 2.0769231]
	// [0 0 2.0769231]
	// [0 0 2.0769231]
	// [0 0 2.0769231]
	// [0 0 2.0769231]
	// [0 0 2.0769231]
	// [2.0769231 2.0769231 2.0769231]
}

// The same square in both maps of a sample.
func ExampleCoupleChannels() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.DropBlock2D(s.In("drop"), x, 0.3, 2, regularize.CoupleChannels())
	}, 1, 2, 4, 4)
	// Output:
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 0 0 1.3333334]
	// [1.3333334 0 0 1.3333334]
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 1.3333334 1.3333334 1.3333334]
	// [1.3333334 0 0 1.3333334]
	// [1.3333334 0 0 1.3333334]
}
