package nodes_test

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

func ExampleReLU() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.ReLU(x)
	}, matrix(1, 3, -2, 0, 2))
	// Output: [0.000 0.000 2.000]
}

func ExampleLeakyReLU() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.LeakyReLU(x, nodes.NegativeSlope(0.2))
	}, matrix(1, 3, -2, 0, 2))
	// Output: [-0.400 0.000 2.000]
}

func ExampleELU() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.ELU(x)
	}, matrix(1, 3, -2, 0, 2))
	// Output: [-0.865 0.000 2.000]
}

func ExampleSELU() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.SELU(x)
	}, matrix(1, 3, -2, 0, 2))
	// Output: [-1.520 0.000 2.101]
}

func ExampleGELU() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.GELU(x)
	}, matrix(1, 3, -2, 0, 2))
	// Output: [-0.046 0.000 1.954]
}

func ExampleGELU_tanhApproximation() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.GELU(x, nodes.TanhApproximation())
	}, matrix(1, 3, -2, 0, 2))
	// Output: [-0.045 0.000 1.955]
}

func ExampleSiLU() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.SiLU(x)
	}, matrix(1, 3, -2, 0, 2))
	// Output: [-0.238 0.000 1.762]
}

func ExampleSigmoid() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Sigmoid(x)
	}, matrix(1, 3, -2, 0, 2))
	// Output: [0.119 0.500 0.881]
}

func ExampleTanh() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Tanh(x)
	}, matrix(1, 3, -2, 0, 2))
	// Output: [-0.964 0.000 0.964]
}

func ExampleSoftplus() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Softplus(x, nodes.Beta(2))
	}, matrix(1, 3, -2, 0, 2))
	// Output: [0.009 0.347 2.009]
}

func ExampleSoftmax() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Softmax(x, -1)
	}, matrix(2, 3, 1, 2, 3, 1000, 0, 1000))
	// Output:
	// [0.090 0.245 0.665]
	// [0.500 0.000 0.500]
}

func ExampleLogSoftmax() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.LogSoftmax(x, -1)
	}, matrix(2, 3, 1, 2, 3, 1000, 0, 1000))
	// Output:
	// [-2.408 -1.408 -0.408]
	// [-0.693 -1000.693 -0.693]
}
