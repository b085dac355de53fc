package graph_test

import (
	"fmt"
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func ExampleBuild() {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 4))
		return nodes.Linear(s.In("fc2"), x, 2)
	}
	m, err := graph.Build(net, graph.Shape{8, 3}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range m.Weights() {
		fmt.Println(w.Name, w.Value.Shape())
	}
	// Any batch size will do.
	y, err := m.Predict(tensor.New(tensor.WithShape(1, 3), tensor.Of(tensor.Float32)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Shape())
	// Output:
	// fc1.weight (4, 3)
	// fc1.bias (4)
	// fc2.weight (2, 4)
	// fc2.bias (2)
	// (1, 2)
}

func ExampleModel_Summary() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.MaxPool2D(nodes.ReLU(nodes.Conv2D(s.In("conv1"), x, 6, 5, nodes.Pad(2))), 2)
		return nodes.Linear(s.In("fc1"), nodes.Flatten(x), 10)
	}, graph.Shape{1, 1, 28, 28})
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	if err := m.Summary(&b); err != nil {
		fmt.Println(err)
	}
	table, _, _ := strings.Cut(b.String(), "buffers") // which differ a little from machine to machine
	fmt.Print(table)
	// Output:
	// path         node                       output shape    parameters  memory
	// (input)      Input                      (1, 1, 28, 28)  0           3136 B
	// conv1        Conv2D(kernel=5×5, pad=2)  (1, 6, 28, 28)  156         18 KiB
	// relu#1       ReLU                       (1, 6, 28, 28)  0           18 KiB
	// maxpool2d#1  MaxPool2D(kernel=2×2)      (1, 6, 14, 14)  0           4704 B
	// flatten#1    Flatten                    (1, 1176)       0           4704 B
	// fc1          Linear                     (1, 10)         11,770      40 B
	// parameters: 11,926 (46 KiB), state: 0
}

// A mistake comes back from Build with the path of its node.
func ExampleBuild_error() {
	_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv2D(s.In("block1").In("conv1"), x, 16, 3, nodes.Groups(2))
	}, graph.Shape{8, 3, 32, 32})
	fmt.Println(err)
	// Output:
	// graph.Build: block1.conv1: Conv2D: Groups is 2, want a divisor of both the 3 channels of x and the 16 of the output
}

// Any stock operation of Gorgonia works inside a model.
func ExampleLift() {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Square(in[0])
		}, x)
	}, graph.Shape{1, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Predict(tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6})))
	fmt.Println(y.Data(), err)
	// Output: [1 4 9 16 25 36] <nil>
}

// Nodes of this module inside a plain Gorgonia program.
func ExampleEmbed() {
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(1, 3), tensor.WithBacking([]float64{1, 2, 3})), gorgonia.WithName("x"))
	s := graph.Embed(g, graph.Train, graph.Float64())
	y := nodes.Softmax(s.Wrap(x), -1)
	if s.Err() != nil {
		fmt.Println(s.Err())
		return
	}
	sum := gorgonia.Must(gorgonia.Sum(y.Gorgonia()))
	if err := gorgonia.NewTapeMachine(g).RunAll(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f %.4f\n", y.Gorgonia().Value().Data(), sum.Value().Data())
	// Output: [0.0900 0.2447 0.6652] 1.0000
}

// Masks are drawn from the step, which a Gorgonia program binds itself.
func ExampleEmbed_step() {
	g := gorgonia.NewGraph()
	x := gorgonia.NodeFromAny(g, tensor.New(tensor.WithShape(1, 6), tensor.WithBacking([]float64{1, 1, 1, 1, 1, 1})), gorgonia.WithName("x"))
	s := graph.Embed(g, graph.Train, graph.Float64(), graph.Seed(1))
	y := regularize.Dropout(s.In("drop"), s.Wrap(x), 0.5)
	if s.Err() != nil {
		fmt.Println(s.Err())
		return
	}
	machine := gorgonia.NewTapeMachine(g)
	for _, step := range []int{0, 1, 1} {
		if err := gorgonia.Let(s.Step().Gorgonia(), tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{step}))); err != nil {
			fmt.Println(err)
			return
		}
		if err := machine.RunAll(); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(step, y.Gorgonia().Value().Data())
		machine.Reset()
	}
	// Output:
	// 0 [2 2 2 2 2 0]
	// 1 [0 0 2 2 2 0]
	// 1 [0 0 2 2 2 0]
}
