package nodes_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

func TestMistakesInLayers(t *testing.T) {
	type (
		scope = *graph.Scope
		node  = *graph.Node
	)
	image := graph.Shape{2, 4, 5, 6}
	for _, c := range []struct {
		shape graph.Shape
		net   graph.Func
		want  string
	}{
		{graph.Shape{3}, func(s scope, x node) node { return nodes.Linear(s.In("fc"), x, 2) },
			"fc: Linear: x has shape (3), want (N, ..., in)"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.Linear(s.In("fc"), x, 0) },
			"fc: Linear: out is 0, want at least 1"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.Linear(s.In("fc"), x, 2, nodes.WeightInit(nil)) },
			"fc: Linear: fc.weight has no initialiser"},

		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.Conv1D(s, x, 2, 3) },
			"Conv1D: x has shape (2, 3), want (N, C, L)"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.Conv2D(s, x, 2, 3) },
			"Conv2D: x has shape (2, 3), want (N, C, H, W)"},
		{image, func(s scope, x node) node { return nodes.Conv3D(s, x, 2, 3) },
			"Conv3D: x has shape (2, 4, 5, 6), want (N, C, D, H, W)"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 0, 3) },
			"Conv2D: out is 0, want at least 1"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 2, 0) },
			"Conv2D: the kernel is [0], want at least 1 and at most 2³⁰"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 2, 7) },
			"Conv2D: a window spans [7 7] and x with its padding [5 6], want a window that fits"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 2, 3, nodes.Dilation(3), nodes.Pad(1, 0)) },
			"Conv2D: a window spans [7 7] and x with its padding [7 6], want a window that fits"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 2, 3, nodes.Stride(1, 1, 1)) },
			"Conv2D: Stride has 3 values [1 1 1], want one, or one for each of 2 spatial axes"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 2, 3, nodes.Stride(1, 0)) },
			"Conv2D: Stride is [1 0], want at least 1 and at most 2³⁰"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 2, 3, nodes.Pad(-1)) },
			"Conv2D: Pad is [-1], want at least 0 and at most 2³⁰"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 2, 3, nodes.Dilation(1<<40)) },
			"Conv2D: Dilation is [1099511627776], want at least 1 and at most 2³⁰"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 4, 3, nodes.Groups(3)) },
			"Conv2D: Groups is 3, want a divisor of both the 4 channels of x and the 4 of the output"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 4, 3, nodes.Same(), nodes.Stride(2)) },
			"Conv2D: Same with Stride[2], want a stride of 1"},
		{image, func(s scope, x node) node { return nodes.Conv2D(s, x, 4, 3, nodes.Same(), nodes.Pad(1)) },
			"Conv2D: both Same and Pad[1] are given, want one of them"},

		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.ConvTranspose2D(s, x, 2, 3) },
			"ConvTranspose2D: x has shape (2, 3), want (N, C, H, W)"},
		{image, func(s scope, x node) node { return nodes.ConvTranspose2D(s, x, 2, 3, nodes.OutputPad(1)) },
			"ConvTranspose2D: OutputPad is [1], want less than the stride or the dilation"},
		{image, func(s scope, x node) node { return nodes.ConvTranspose2D(s, x, 2, 3, nodes.Pad(4)) },
			"ConvTranspose2D: Pad is [4], which leaves nothing of the output of x with shape (2, 4, 5, 6); want less"},

		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.MaxPool1D(x, 2) },
			"maxpool1d#1: MaxPool1D: x has shape (2, 3), want (N, C, L)"},
		{image, func(_ scope, x node) node { return nodes.MaxPool2D(x, 2, nodes.Pad(2)) },
			"maxpool2d#1: MaxPool2D: Pad is [2] for a kernel of [2], want at most half of it"},
		{image, func(_ scope, x node) node {
			return nodes.MaxPool2D(nodes.Transpose(x, 2, 3, 0, 1), 2, nodes.Pad(1), nodes.Dilation(3, 1), nodes.Stride(2, 1))
		}, "maxpool2d#1: MaxPool2D: the window that starts at -1 steps by a dilation of 3 over the whole of an axis of 2, want one that sees an element of x"},
		{image, func(_ scope, x node) node { return nodes.AvgPool2D(x, 9, nodes.CeilMode(), nodes.Stride(2)) },
			"avgpool2d#1: AvgPool2D: a window spans [9 9] and x with its padding [5 6], want a window that fits"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.RankPool1D(x, 2, []float64{1}) },
			"rankpool1d#1: RankPool1D: x has shape (2, 3), want (N, C, L)"},
		{image, func(_ scope, x node) node { return nodes.RankPool2D(x, 2, nil) },
			"rankpool2d#1: RankPool2D: there are 0 weights, want at least 1 and at most 4 for a kernel of so many elements"},
		{image, func(_ scope, x node) node { return nodes.RankPool2D(x, 2, make([]float64, 5)) },
			"rankpool2d#1: RankPool2D: there are 5 weights, want at least 1 and at most 4 for a kernel of so many elements"},
		{image, func(_ scope, x node) node { return nodes.RankPool2D(x, 2, []float64{1, math.NaN()}) },
			"rankpool2d#1: RankPool2D: weight 1 is NaN, want a finite one"},
		{image, func(_ scope, x node) node { return nodes.RankPool2D(nil, 2, []float64{1}) },
			"RankPool2D: x is nil, want a node"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.AdaptiveAvgPool2D(x, 1, 1) },
			"adaptiveavgpool2d#1: AdaptiveAvgPool2D: x has shape (2, 3), want (N, C, H, W)"},
		{image, func(_ scope, x node) node { return nodes.AdaptiveAvgPool2D(x, 0, 1) },
			"adaptiveavgpool2d#1: AdaptiveAvgPool2D: h and w are 0 and 1, want at least 1 and at most 2³⁰"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.GlobalAvgPool(x) },
			"globalavgpool#1: GlobalAvgPool: x has shape (2, 3), want (N, C, ...) with at least one spatial axis"},

		{graph.Shape{3}, func(_ scope, x node) node { return nodes.Flatten(x) },
			"flatten#1: Flatten: x has shape (3), want (N, ...) with two axes or more"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Reshape(x, 4, -1) },
			"reshape#1: Reshape: x has shape (2, 3) and so 6 elements, want as many as in [4 -1]"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Reshape(x, -1, -1) },
			"reshape#1: Reshape: shape is [-1 -1], want sizes ≥ 0 and at most one -1"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Reshape(x, 2, 3, 0) },
			"reshape#1: Reshape: shape is [2 3 0], whose axis 2 is 0, want a size: x of shape (2, 3) has no such axis to keep"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Transpose(x, 0, 0) },
			"transpose#1: Transpose: axes are [0 0], want each of the 2 axes of x once"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.Concat(2, x, x) },
			"concat#1: Concat: axis is 2 and x has shape (2, 3), want -2 ≤ axis < 2"},
		{image, func(_ scope, x node) node { return nodes.Concat(1, x, nodes.MaxPool2D(x, 2)) },
			"concat#1: Concat: inputs 0 and 1 have shapes (2, 4, 5, 6) and (2, 4, 2, 3), want the same in all axes but 1"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.ZeroPad(x, 2, 1, 1) },
			"zeropad#1: ZeroPad: axis is 2 and x has shape (2, 3), want -2 ≤ axis < 2"},
		{graph.Shape{2, 3}, func(_ scope, x node) node { return nodes.ZeroPad(x, 1, -1, 1) },
			"zeropad#1: ZeroPad: before and after are -1 and 1, want at least 0 and at most 2³⁰"},
		{graph.Shape{2, 3}, func(_ scope, x node) node {
			return nodes.ZeroPad(nodes.Reshape(nodes.ZeroPad(x, 0, 1<<31, 0)), 0, 1, 1)
		},
			"zeropad#1: ZeroPad: before and after are 2147483648 and 0, want at least 0 and at most 2³⁰"},
		{image, func(_ scope, x node) node { return nodes.Concat(1) },
			"Concat: x is nil, want a node"},
		{image, func(_ scope, x node) node { return nodes.Add(x, nodes.GlobalAvgPool(x)) },
			"add#1: Add: the operands have shapes (2, 4, 5, 6) and (2, 4), want axes that are equal, or of size 1, from the last one on"},
		{image, func(_ scope, x node) node { return nodes.Mul(nodes.Flatten(x), x) },
			"mul#1: Mul: the operands have shapes (2, 120) and (2, 4, 5, 6), want axes that are equal, or of size 1, from the last one on"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.Mul(x, s.Ints(graph.Shape{3}, []int{1, 2, 3})) },
			"mul#1: Mul: input 1 has type int, want float32 as input 0"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.Add(s.Ints(graph.Shape{3}, []int{1, 2, 3}), x) },
			"add#1: Add: input 1 has type float32, want int as input 0"},
		{graph.Shape{2, 3}, func(s scope, x node) node { return nodes.Concat(0, x, x, s.Ints(graph.Shape{1, 3}, []int{1, 2, 3})) },
			"concat#1: Concat: input 2 has type int, want float32 as input 0"},
		{graph.Shape{1, 3}, func(s scope, x node) node {
			return nodes.Residual(s.In("block"), x, func(s scope, _ node) node { return s.Ints(graph.Shape{1, 3}, []int{1, 2, 3}) })
		}, "block: Residual: input 1 has type int, want float32 as input 0"},
		{image, func(s scope, x node) node {
			return nodes.Residual(s.In("block"), x, func(s scope, x node) node { return nodes.Conv2D(s.In("conv"), x, 4, 3) })
		}, "block: Residual: x has shape (2, 4, 5, 6) and its branch (2, 4, 3, 4), want equal shapes"},

		// The first mistake is the one reported; later nodes are inert.
		{graph.Shape{2, 3}, func(s scope, x node) node {
			x = nodes.Conv2D(s.In("conv"), x, 4, 3)
			x = nodes.MaxPool2D(nodes.ConvTranspose2D(s.In("up"), x, 2, 3), 2)
			x = nodes.Concat(1, x, nodes.Transpose(x, 0, 1), nodes.Reshape(x, 0, 7), nodes.AdaptiveAvgPool2D(x, 2, 2))
			x = nodes.Mul(nodes.Add(x, x), nodes.GlobalAvgPool(nodes.AvgPool2D(x, 2)))
			return nodes.Linear(s.In("fc"), nodes.Flatten(x), 2)
		}, "conv: Conv2D: x has shape (2, 3), want (N, C, H, W)"},
		{image, func(s scope, _ node) node { return nodes.Linear(s.In("fc"), nodes.Flatten(nil), 2) },
			"fc: Linear: Flatten: x is nil, want a node"},
		{image, func(_ scope, x node) node { return nodes.Add(x, nodes.MaxPool2D(nil, 2)) },
			"add#1: Add: MaxPool2D: x is nil, want a node"},
		{image, func(_ scope, x node) node { return nodes.GlobalAvgPool(nil) },
			"GlobalAvgPool: x is nil, want a node"},
	} {
		_, err := graph.Build(c.net, c.shape)
		if got, want := fmt.Sprint(err), "graph.Build: "+c.want; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
