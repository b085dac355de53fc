package regularize_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// The rates of the dropout paper: 0.2 for the input, which makes it input or visible
// dropout, and 0.5 for hidden units.
func ExampleDropout_input() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = regularize.Dropout(s.In("drop0"), x, 0.2)
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 1024))
		x = regularize.Dropout(s.In("drop1"), x, 0.5)
		return nodes.Linear(s.In("fc2"), x, 10)
	}
	m, err := graph.Build(net, graph.Shape{64, 784})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(m.Weights()), "weights")
	// Output: 4 weights
}

// What is kept stays as it is, and predictions are halved.
func ExampleClassic() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s.In("drop"), x, 0.5, regularize.Classic())
	}, graph.Shape{1, 6}, graph.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(1, 6), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6}))
	for _, run := range []func() (*tensor.Dense, error){
		func() (*tensor.Dense, error) { return m.Sample(x, 0) },
		func() (*tensor.Dense, error) { return m.Predict(x) },
	} {
		y, err := run()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(y.Data())
	}
	// Output:
	// [0 2 3 0 5 6]
	// [0.5 1 1.5 2 2.5 3]
}

// A rate printed as the probability to keep.
func ExampleKeep() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Dropout(s.In("drop"), x, regularize.Keep(0.75))
	}, 1, 5)
	// Output: [1.3333334 1.3333334 1.3333334 0 1.3333334]
}

// Both samples lack the same two of four channels.
func ExampleChannelDropout() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.ChannelDropout(s.In("drop"), x, 0.5)
	}, 2, 4, 2)
	// Output:
	// [0 0]
	// [2 2]
	// [2 2]
	// [0 0]
	// [0 0]
	// [2 2]
	// [2 2]
	// [0 0]
}

// All steps of a sequence lack the same features.
func ExampleLockedDropout() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.LockedDropout(s.In("drop"), x, 0.5)
	}, 1, 3, 4)
	// Output:
	// [0 2 2 0]
	// [0 2 2 0]
	// [0 2 2 0]
}

// Three residual blocks, each of which would double x. This draw drops one of them; in
// general it is the last one most often.
func ExampleStochasticDepth() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		for l := range 3 {
			s := s.In(fmt.Sprint("block", l+1))
			branch := nodes.ReLU(x)
			x = nodes.Add(x, regularize.StochasticDepth(s, branch, regularize.LinearDecay(l+1, 3, 0.5), regularize.Classic()))
		}
		return x
	}, 1, 4)
	// Output: [4 4 4 4]
}

// Each sample of the batch keeps its branch or not by itself.
func ExampleRowMode() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticDepth(s.In("depth"), x, 0.5, regularize.RowMode())
	}, 4, 3)
	// Output:
	// [0 0 0]
	// [2 2 2]
	// [0 0 0]
	// [2 2 2]
}

// The norms of a branch that is dropped for a step keep their running statistics.
func ExampleStochasticBranch() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		y := regularize.StochasticBranch(s.In("branch"), x, 0.2, func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), nodes.Conv2D(s.In("conv1"), x, 16, 3, nodes.Pad(1))))
			return nodes.BatchNorm2D(s.In("bn2"), nodes.Conv2D(s.In("conv2"), x, 16, 3, nodes.Pad(1)))
		})
		return nodes.ReLU(nodes.Add(x, y))
	}, graph.Shape{8, 16, 4, 4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Weights()[0].Name)
	// Output: branch.conv1.weight
}

func ExampleLinearDecay() {
	for l := range 4 {
		fmt.Println(regularize.LinearDecay(l+1, 4, 0.5))
	}
	// Output:
	// 0.125
	// 0.25
	// 0.375
	// 0.5
}

// Standardised values stay so; what is dropped becomes -0.78.
func ExampleAlphaDropout() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.AlphaDropout(s.In("drop"), x, 0.5)
	}, 1, 4)
	// Output: [-0.77919394 1.6655989 1.6655989 -0.77919394]
}

// Of four channels of a signal, two are gone.
func ExampleFeatureAlphaDropout() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FeatureAlphaDropout(s.In("drop"), x, 0.5)
	}, 1, 4, 2)
	// Output:
	// [-0.77919394 -0.77919394]
	// [1.6655989 1.6655989]
	// [1.6655989 1.6655989]
	// [-0.77919394 -0.77919394]
}

// Factors of mean 1 and variance 1/3.
func ExampleGaussianDropout() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.GaussianDropout(s.In("drop"), x, 0.25)
	}, 1, 4)
	// Output: [0.8755008 0.34421146 1.0828985 0.5763307]
}

func ExampleGaussianNoise() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.GaussianNoise(s.In("noise"), x, 0.1)
	}, 1, 4)
	// Output: [1.1293904 1.2117994 1.1908981 1.0540122]
}

// Elements of x = 1, of a branch of 2, of both or of none.
func ExampleSwapout() {
	printSample(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Swapout(s.In("swap"), x, nodes.Add(x, x), 0.5, 0.5)
	}, 2, 8)
	// Output:
	// [3 2 3 1 0 0 1 3]
	// [3 3 1 3 2 1 0 2]
}
