package nodes_test

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
)

func TestGradients(t *testing.T) {
	graphtest.CheckAll(t, slices.Concat(cases...))
}

func TestEveryNodeHasAGradientRow(t *testing.T) {
	graphtest.Covered(t, ".", slices.Concat(cases...), "SequenceLengths")
}

// cases are the rows of the table.
var cases = [][]graphtest.Case{
	layerCases,
	functionCases, ghostCases,
	productCases,
	embeddingCases,
	attentionCases,
	rankPoolCases,
	recurrentCases(),
}

// layerCases are those of the functions that move and combine numbers.
var layerCases = []graphtest.Case{
	{Node: "Linear", In: normal(3, 5), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Linear(s, in[0], 4)
	}},
	{Node: "Linear", Name: "three axes, no bias", In: normal(2, 3, 5), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Linear(s, in[0], 4, nodes.NoBias())
	}},

	{Node: "Conv1D", In: normal(2, 3, 7), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Conv1D(s, in[0], 4, 3)
	}},
	{Node: "Conv1D", Name: "same, even kernel, dilated", In: normal(1, 2, 7), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Conv1D(s, in[0], 2, 4, nodes.Same(), nodes.Dilation(3))
	}},
	{Node: "Conv2D", In: normal(2, 3, 5, 6), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Conv2D(s, in[0], 4, 3)
	}},
	{Node: "Conv2D", Name: "pointwise, no bias", In: normal(2, 3, 2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Conv2D(s, in[0], 4, 1, nodes.NoBias())
	}},
	{Node: "Conv2D", Name: "all options", In: normal(2, 4, 6, 9), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Conv2D(s, in[0], 6, 0, nodes.KernelSize(2, 3), nodes.Stride(2, 3), nodes.Pad(1, 2), nodes.Dilation(2, 1), nodes.Groups(2))
	}},
	{Node: "Conv2D", Name: "depthwise", In: normal(2, 3, 4, 5), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Conv2D(s, in[0], 6, 3, nodes.Same(), nodes.Groups(3))
	}},
	{Node: "Conv3D", In: normal(1, 2, 3, 4, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Conv3D(s, in[0], 3, 2, nodes.Stride(1, 2, 1), nodes.Pad(1, 0, 1))
	}},
	{Node: "Unfold", In: normal(2, 3, 4, 3), Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Unfold(in[0], 2)
	}},
	{Node: "Unfold", Name: "all options", In: normal(1, 2, 6, 9), Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Unfold(in[0], 0, nodes.KernelSize(2, 3), nodes.Stride(2, 3), nodes.Pad(1, 2), nodes.Dilation(2, 1))
	}},
	{Node: "Unfold", Name: "same size, options of weights", In: normal(2, 2, 3, 4), Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Unfold(in[0], 4, nodes.Same(), nodes.Groups(2), nodes.NoBias())
	}},
	{Node: "ConvTranspose2D", In: normal(2, 3, 3, 4), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.ConvTranspose2D(s, in[0], 2, 3)
	}},
	{Node: "ConvTranspose2D", Name: "all options", In: normal(1, 4, 3, 2), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.ConvTranspose2D(s, in[0], 6, 0, nodes.KernelSize(2, 3), nodes.Stride(2, 3), nodes.Pad(1), nodes.OutputPad(1, 2), nodes.Dilation(2, 1), nodes.Groups(2), nodes.NoBias())
	}},

	{Node: "MaxPool1D", In: distinct(2, 3, 8), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.MaxPool1D(in[0], 3, nodes.Stride(2), nodes.Pad(1))
	}},
	{Node: "MaxPool2D", In: distinct(2, 3, 4, 6), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.MaxPool2D(in[0], 2)
	}},
	{Node: "MaxPool2D", Name: "all options", In: distinct(1, 2, 8, 7), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.MaxPool2D(in[0], 0, nodes.KernelSize(3, 2), nodes.Stride(2, 1), nodes.Pad(1), nodes.Dilation(2), nodes.CeilMode())
	}},
	{Node: "AvgPool1D", In: normal(2, 3, 8), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.AvgPool1D(in[0], 3, nodes.Stride(2), nodes.Pad(1))
	}},
	{Node: "AvgPool2D", In: normal(2, 3, 4, 6), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.AvgPool2D(in[0], 2)
	}},
	{Node: "AvgPool2D", Name: "all options", In: normal(1, 2, 6, 8), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.AvgPool2D(in[0], 0, nodes.KernelSize(3, 2), nodes.Stride(2, 3), nodes.Pad(1), nodes.CeilMode(), nodes.CountIncludePad(false))
	}},
	{Node: "AdaptiveAvgPool2D", In: normal(1, 2, 5, 7), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.AdaptiveAvgPool2D(in[0], 2, 3)
	}},
	{Node: "GlobalAvgPool", In: normal(2, 3, 2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.GlobalAvgPool(in[0])
	}},

	{Node: "Flatten", In: normal(2, 3, 2, 4), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Flatten(in[0])
	}},
	{Node: "Reshape", In: normal(4, 6), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Reshape(in[0], 0, 2, -1)
	}},
	{Node: "Reshape", Name: "to a scalar", In: normal(1, 1), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Reshape(in[0])
	}},
	{Node: "Transpose", In: normal(2, 3, 2, 4), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Transpose(in[0], 2, 0, -1, 1)
	}},
	{Node: "Concat", In: []graphtest.Input{graphtest.Normal(2, 2, 3), graphtest.Normal(2, 1, 3), graphtest.Normal(2, 3, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Concat(1, in...)
	}},
	{Node: "ZeroPad", In: normal(2, 3, 4), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.ZeroPad(in[0], 1, 2, 1)
	}},
	{Node: "ZeroPad", Name: "at the end", In: normal(2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.ZeroPad(in[0], -1, 0, 2)
	}},
	{Node: "Concat", Name: "twice the same", In: normal(2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Concat(-1, in[0], in[0])
	}},
	{Node: "Add", In: pair(graph.Shape{2, 1, 3}, graph.Shape{4, 1}), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Add(in[0], in[1])
	}},
	{Node: "Add", Name: "twice the same", In: normal(2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Add(in[0], in[0])
	}},
	{Node: "Mul", In: pair(graph.Shape{4, 1}, graph.Shape{2, 1, 3}), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Mul(in[0], in[1])
	}},
	{Node: "Mul", Name: "by a scalar", In: pair(graph.Shape{2, 3}, graph.Shape{}), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Mul(in[0], in[1])
	}},
	{Node: "Mul", Name: "twice the same", In: normal(2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Mul(in[0], in[0])
	}},
	{Node: "Residual", In: normal(2, 3), Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Residual(s, in[0], func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 3)
		})
	}},
}

func normal(shape ...int) []graphtest.Input { return []graphtest.Input{graphtest.Normal(shape...)} }

func distinct(shape ...int) []graphtest.Input {
	return []graphtest.Input{graphtest.Distinct(shape...)}
}

func pair(a, b graph.Shape) []graphtest.Input {
	return []graphtest.Input{graphtest.Normal(a...), graphtest.Normal(b...)}
}

func TestNilNodes(t *testing.T) { graphtest.CheckNil(t, slices.Concat(cases...), "Embedding") }
