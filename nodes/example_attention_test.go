package nodes_test

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// The products of all pairs of rows of each sample: a·aᵀ.
func ExampleMatMul() {
	count(graph.Shape{2, 2, 2}, func(_ *graph.Scope, a *graph.Node) *graph.Node {
		return nodes.MatMul(a, nodes.Transpose(a, 0, 2, 1))
	})
	// Output: (2, 2, 2) [5 11 11 25 61 83 83 113]
}

// The second query fits the second key alone, and the first one both alike.
func ExampleScaledDotProductAttention() {
	show(func(s *graph.Scope, v *graph.Node) *graph.Node {
		q := s.State("q", graph.Shape{1, 2, 1}, graph.Values([]float64{0, 30}))
		k := s.State("k", graph.Shape{1, 2, 1}, graph.Values([]float64{-1, 1}))
		return nodes.ScaledDotProductAttention(s, q, k, v)
	}, rows(2, 2, 1, 4, 3, 8))
	// Output:
	// [2.000 6.000]
	// [3.000 8.000]
}

// Word 0 is padding, on the left: a table makes of it a mask. Here all other words
// count alike.
func ExampleAttentionMask() {
	show(func(s *graph.Scope, x *graph.Node) *graph.Node {
		hide := s.Floats(graph.Shape{4, 1}, []float64{math.Inf(-1), 0, 0, 0})
		mask := nodes.Embedding(s.In("mask"), x, 4, 1, nodes.SharedWeight(hide))
		v := nodes.Embedding(s.In("values"), x, 4, 1, nodes.WeightInit(graph.Values([]float64{99, 10, 20, 60})))
		return nodes.ScaledDotProductAttention(s, v, v, v, nodes.AttentionScale(0),
			nodes.AttentionMask(nodes.Transpose(mask, 0, 2, 1)))
	}, tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]int{0, 1, 2, 1, 2, 3})))
	// Output:
	// [15.000]
	// [15.000]
	// [15.000]
	// [30.000]
	// [30.000]
	// [30.000]
}

// A sequence that looks at itself, at what came before alone, with two heads.
func ExampleMultiheadAttention() {
	showWeights(graph.Shape{8, 10, 32}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.MultiheadAttention(s.In("attn"), x, x, x, 2, nodes.Causal())
	})
	// Output:
	// (8, 10, 32)
	// attn.in_proj_weight (96, 32)
	// attn.in_proj_bias (96)
	// attn.out_proj.weight (32, 32)
	// attn.out_proj.bias (32)
}

// DropWith would add a dropout, from package regularize.
func ExampleTransformerEncoderLayer() {
	showWeights(graph.Shape{8, 10, 32}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.SinusoidalPositions(x)
		return nodes.TransformerEncoderLayer(s.In("layer"), x, 4, 64)
	})
	// Output:
	// (8, 10, 32)
	// layer.self_attn.in_proj_weight (96, 32)
	// layer.self_attn.in_proj_bias (96)
	// layer.self_attn.out_proj.weight (32, 32)
	// layer.self_attn.out_proj.bias (32)
	// layer.norm1.weight (32)
	// layer.norm1.bias (32)
	// layer.linear1.weight (64, 32)
	// layer.linear1.bias (64)
	// layer.linear2.weight (32, 64)
	// layer.linear2.bias (32)
	// layer.norm2.weight (32)
	// layer.norm2.bias (32)
}

// The first step gets sin 0 = 0 and cos 0 = 1, the second sin 1 and cos 1.
func ExampleSinusoidalPositions() {
	show(func(_ *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.SinusoidalPositions(x)
	}, rows(2, 2, 10, 20, 30, 40))
	// Output:
	// [10.000 21.000]
	// [30.841 40.540]
}

func ExampleLearnedPositions() {
	showWeights(graph.Shape{8, 10, 32}, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.LearnedPositions(s.In("positions"), x, 50)
	})
	// Output:
	// (8, 10, 32)
	// positions.weight (50, 32)
}

// rows is one sample of so many rows.
func rows(n, width int, v ...float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(1, n, width), tensor.WithBacking(v))
}

// showWeights prints the shapes of the output of a net and of its weights.
func showWeights(shape graph.Shape, net graph.Func) {
	m, err := graph.Build(net, shape)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.OutputShape())
	for _, w := range m.Weights() {
		fmt.Println(w.Name, w.Value.Shape())
	}
}
