package nodes_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

func TestGoldenLayers(t *testing.T) {
	runGolden(t, map[string]goldenNet{
		"Linear":            goldenLinear,
		"Conv1D":            goldenConv(nodes.Conv1D),
		"Conv2D":            goldenConv(nodes.Conv2D),
		"Conv3D":            goldenConv(nodes.Conv3D),
		"ConvTranspose2D":   goldenConvTranspose,
		"Unfold":            goldenUnfold,
		"MaxPool1D":         goldenMaxPool(nodes.MaxPool1D),
		"MaxPool2D":         goldenMaxPool(nodes.MaxPool2D),
		"AvgPool1D":         goldenAvgPool(nodes.AvgPool1D),
		"AvgPool2D":         goldenAvgPool(nodes.AvgPool2D),
		"AdaptiveAvgPool2D": goldenAdaptiveAvgPool,
		"GlobalAvgPool":     goldenUnary(nodes.GlobalAvgPool),
		"Flatten":           goldenFlatten,
		"Reshape":           goldenReshape,
		"Transpose":         goldenTranspose,
		"Permute":           goldenPermute,
		"Concat":            goldenConcat,
		"ZeroPad":           goldenZeroPad,
		"Add":               goldenBinary(nodes.Add),
		"Mul":               goldenBinary(nodes.Mul),
	})
}

func goldenLinear(t *testing.T, g golden) (net, []int) {
	var opts []nodes.LinearOption
	if !arg[bool](t, g, "bias") {
		opts = append(opts, nodes.NoBias())
	}
	out := arg[int](t, g, "out_features")
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.Linear(s, in[0], out, opts...) }, nil
}

func goldenConv(of func(*graph.Scope, *graph.Node, int, int, ...nodes.ConvOption) *graph.Node) goldenNet {
	return func(t *testing.T, g golden) (net, []int) {
		opts := []nodes.ConvOption{
			nodes.KernelSize(arg[[]int](t, g, "kernel_size")...),
			nodes.Stride(arg[[]int](t, g, "stride")...),
			nodes.Dilation(arg[[]int](t, g, "dilation")...),
			nodes.Groups(arg[int](t, g, "groups")),
		}
		if slices.Equal(g.Args["padding"], json.RawMessage(`"same"`)) {
			opts = append(opts, nodes.Same())
		} else {
			opts = append(opts, nodes.Pad(arg[[]int](t, g, "padding")...))
		}
		if !arg[bool](t, g, "bias") {
			opts = append(opts, nodes.NoBias())
		}
		out := arg[int](t, g, "out_channels")
		return func(s *graph.Scope, in ...*graph.Node) *graph.Node { return of(s, in[0], out, 0, opts...) }, nil
	}
}

func goldenUnfold(t *testing.T, g golden) (net, []int) {
	opts := []nodes.ConvOption{
		nodes.KernelSize(arg[[]int](t, g, "kernel_size")...),
		nodes.Stride(arg[[]int](t, g, "stride")...),
		nodes.Pad(arg[[]int](t, g, "padding")...),
		nodes.Dilation(arg[[]int](t, g, "dilation")...),
	}
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.Unfold(in[0], 0, opts...) }, nil
}

func goldenConvTranspose(t *testing.T, g golden) (net, []int) {
	opts := []nodes.ConvTransposeOption{
		nodes.KernelSize(arg[[]int](t, g, "kernel_size")...),
		nodes.Stride(arg[[]int](t, g, "stride")...),
		nodes.Pad(arg[[]int](t, g, "padding")...),
		nodes.OutputPad(arg[[]int](t, g, "output_padding")...),
		nodes.Dilation(arg[[]int](t, g, "dilation")...),
		nodes.Groups(arg[int](t, g, "groups")),
	}
	if !arg[bool](t, g, "bias") {
		opts = append(opts, nodes.NoBias())
	}
	out := arg[int](t, g, "out_channels")
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.ConvTranspose2D(s, in[0], out, 0, opts...)
	}, nil
}

func goldenMaxPool(of func(*graph.Node, int, ...nodes.MaxPoolOption) *graph.Node) goldenNet {
	return func(t *testing.T, g golden) (net, []int) {
		opts := []nodes.MaxPoolOption{
			nodes.KernelSize(arg[[]int](t, g, "kernel_size")...),
			nodes.Pad(arg[[]int](t, g, "padding")...),
			nodes.Dilation(arg[[]int](t, g, "dilation")...),
		}
		if stride := arg[[]int](t, g, "stride"); stride != nil {
			opts = append(opts, nodes.Stride(stride...))
		}
		if arg[bool](t, g, "ceil_mode") {
			opts = append(opts, nodes.CeilMode())
		}
		return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return of(in[0], 0, opts...) }, nil
	}
}

func goldenAvgPool(of func(*graph.Node, int, ...nodes.AvgPoolOption) *graph.Node) goldenNet {
	return func(t *testing.T, g golden) (net, []int) {
		opts := []nodes.AvgPoolOption{
			nodes.KernelSize(arg[[]int](t, g, "kernel_size")...),
			nodes.Pad(arg[[]int](t, g, "padding")...),
			nodes.CountIncludePad(arg[bool](t, g, "count_include_pad")),
		}
		if stride := arg[[]int](t, g, "stride"); stride != nil {
			opts = append(opts, nodes.Stride(stride...))
		}
		if arg[bool](t, g, "ceil_mode") {
			opts = append(opts, nodes.CeilMode())
		}
		return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return of(in[0], 0, opts...) }, nil
	}
}

func goldenAdaptiveAvgPool(t *testing.T, g golden) (net, []int) {
	size := arg[[]int](t, g, "output_size")
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.AdaptiveAvgPool2D(in[0], size[0], size[1])
	}, nil
}

// goldenFlatten leaves to Reshape what Flatten has no argument for.
func goldenFlatten(t *testing.T, g golden) (net, []int) {
	if arg[int](t, g, "start_dim") == 1 && arg[int](t, g, "end_dim") == -1 {
		return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.Flatten(in[0]) }, nil
	}
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Reshape(in[0], g.Output.Shape...)
	}, nil
}

func goldenReshape(t *testing.T, g golden) (net, []int) {
	shape := arg[[]int](t, g, "shape")
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.Reshape(in[0], shape...) }, nil
}

func goldenTranspose(t *testing.T, g golden) (net, []int) {
	axes := make([]int, len(g.Inputs[0].Shape))
	for i := range axes {
		axes[i] = i
	}
	a, b := arg[int](t, g, "dim0"), arg[int](t, g, "dim1")
	a, b = (a+len(axes))%len(axes), (b+len(axes))%len(axes)
	axes[a], axes[b] = axes[b], axes[a]
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.Transpose(in[0], axes...) }, nil
}

func goldenPermute(t *testing.T, g golden) (net, []int) {
	axes := arg[[]int](t, g, "dims")
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.Transpose(in[0], axes...) }, nil
}

func goldenConcat(t *testing.T, g golden) (net, []int) {
	axis := arg[int](t, g, "dim")
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.Concat(axis, in...) }, nil
}

func goldenZeroPad(t *testing.T, g golden) (net, []int) {
	axis, before, after := arg[int](t, g, "dim"), arg[int](t, g, "before"), arg[int](t, g, "after")
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.ZeroPad(in[0], axis, before, after) }, nil
}

func goldenUnary(of func(*graph.Node) *graph.Node) goldenNet {
	return func(*testing.T, golden) (net, []int) {
		return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return of(in[0]) }, nil
	}
}

func goldenBinary(of func(a, b *graph.Node) *graph.Node) goldenNet {
	return func(*testing.T, golden) (net, []int) {
		return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return of(in[0], in[1]) }, nil
	}
}
