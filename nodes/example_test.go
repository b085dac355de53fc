package nodes_test

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func Example() {
	classifier := func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Conv2D(s.In("conv1"), x, 8, 3, nodes.Pad(1)))
		x = nodes.MaxPool2D(x, 2)
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 32))
		return nodes.Linear(s.In("fc2"), x, 10)
	}
	m, err := graph.Build(classifier, graph.Shape{64, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.OutputShape())
	for _, w := range m.Weights() {
		fmt.Println(w.Name, w.Value.Shape())
	}
	// Output:
	// (64, 10)
	// conv1.weight (8, 1, 3, 3)
	// conv1.bias (8)
	// fc1.weight (32, 1568)
	// fc1.bias (32)
	// fc2.weight (10, 32)
	// fc2.bias (10)
}

// count applies a net to the numbers 1, 2, 3, ... in a shape, and prints shape
// and elements of the result.
func count(shape graph.Shape, net graph.Func) {
	x := make([]float32, shape.TotalSize())
	for i := range x {
		x[i] = float32(i + 1)
	}
	m, err := graph.Build(net, shape)
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := m.Predict(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(y.Shape(), y.Float32s())
}

func ExampleLinear() {
	weight := graph.Values([]float64{
		1, 0, 0,
		1, 1, 1,
	})
	count(graph.Shape{1, 3}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), x, 2, nodes.WeightInit(weight), nodes.BiasInit(graph.Constant(10)))
	})
	// Output: (1, 2) [11 16]
}

func ExampleConv1D() {
	difference := graph.Values([]float64{-1, 1})
	count(graph.Shape{1, 1, 5}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv1D(s.In("conv"), x, 1, 2, nodes.Same(), nodes.NoBias(), nodes.WeightInit(difference))
	})
	// Output: (1, 1, 5) [1 1 1 1 -5]
}

func ExampleConv2D() {
	count(graph.Shape{1, 1, 3, 3}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv2D(s.In("conv"), x, 1, 2, nodes.NoBias(), nodes.WeightInit(graph.Ones()))
	})
	// Output: (1, 1, 2, 2) [12 16 24 28]
}

func ExampleConv3D() {
	count(graph.Shape{1, 1, 2, 2, 2}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Conv3D(s.In("conv"), x, 1, 2, nodes.NoBias(), nodes.WeightInit(graph.Ones()))
	})
	// Output: (1, 1, 1, 1, 1) [36]
}

func ExampleConvTranspose2D() {
	count(graph.Shape{1, 1, 2, 2}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.ConvTranspose2D(s.In("up"), x, 1, 2, nodes.Stride(2), nodes.NoBias(), nodes.WeightInit(graph.Ones()))
	})
	// Output: (1, 1, 4, 4) [1 1 2 2 1 1 2 2 3 3 4 4 3 3 4 4]
}

func ExampleMaxPool1D() {
	count(graph.Shape{1, 1, 6}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.MaxPool1D(x, 3)
	})
	// Output: (1, 1, 2) [3 6]
}

func ExampleMaxPool2D() {
	count(graph.Shape{1, 1, 4, 4}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.MaxPool2D(x, 2)
	})
	// Output: (1, 1, 2, 2) [6 8 14 16]
}

func ExampleAvgPool1D() {
	count(graph.Shape{1, 1, 6}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.AvgPool1D(x, 3)
	})
	// Output: (1, 1, 2) [2 5]
}

func ExampleAvgPool2D() {
	count(graph.Shape{1, 1, 4, 4}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.AvgPool2D(x, 2)
	})
	// Output: (1, 1, 2, 2) [3.5 5.5 11.5 13.5]
}

func ExampleAdaptiveAvgPool2D() {
	count(graph.Shape{1, 1, 3, 4}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.AdaptiveAvgPool2D(x, 1, 2)
	})
	// Output: (1, 1, 1, 2) [5.5 7.5]
}

func ExampleGlobalAvgPool() {
	count(graph.Shape{1, 2, 2, 2}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.GlobalAvgPool(x)
	})
	// Output: (1, 2) [2.5 6.5]
}

func ExampleFlatten() {
	count(graph.Shape{2, 3, 1, 1}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Flatten(x)
	})
	// Output: (2, 3) [1 2 3 4 5 6]
}

func ExampleReshape() {
	count(graph.Shape{1, 6}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Reshape(x, 0, 2, -1)
	})
	// Output: (1, 2, 3) [1 2 3 4 5 6]
}

func ExampleTranspose() {
	count(graph.Shape{2, 3}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Transpose(x, 1, 0)
	})
	// Output: (3, 2) [1 4 2 5 3 6]
}

// The four windows of 2 by 2 of an image of 3 by 3, a column each.
func ExampleUnfold() {
	count(graph.Shape{1, 1, 3, 3}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Unfold(x, 2)
	})
	// Output: (1, 4, 4) [1 2 4 5 2 3 5 6 4 5 7 8 5 6 8 9]
}

func ExampleConcat() {
	count(graph.Shape{2, 2}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Concat(1, x, nodes.Add(x, x))
	})
	// Output: (2, 4) [1 2 2 4 3 4 6 8]
}

func ExampleZeroPad() {
	count(graph.Shape{2, 2}, func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.ZeroPad(x, 1, 0, 2)
	})
	// Output: (2, 4) [1 2 0 0 3 4 0 0]
}

func ExampleAdd() {
	count(graph.Shape{2, 2}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		row := s.In("shift").Param("bias", graph.Shape{2}, graph.Values([]float64{10, 20}))
		return nodes.Add(x, row)
	})
	// Output: (2, 2) [11 22 13 24]
}

func ExampleMul() {
	count(graph.Shape{2, 2}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		gate := s.In("gate").Param("weight", graph.Shape{2, 1}, graph.Values([]float64{0, 1}))
		return nodes.Mul(x, gate)
	})
	// Output: (2, 2) [0 0 3 4]
}

func ExampleResidual() {
	count(graph.Shape{1, 3}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Residual(s.In("block"), x, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 3, nodes.WeightInit(graph.Ones()), nodes.BiasInit(graph.Zeros()))
		})
	})
	// Output: (1, 3) [7 8 9]
}
