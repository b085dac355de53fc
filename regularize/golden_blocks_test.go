package regularize_test

import (
	"maps"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

func init() {
	maps.Copy(goldenNets, map[string]goldenNet{
		"DropBlock1D": goldenDropBlock(regularize.DropBlock1D),
		"DropBlock2D": goldenDropBlock(regularize.DropBlock2D),
		"DropBlock3D": goldenDropBlock(regularize.DropBlock3D),
		"Cutout": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
			return regularize.Cutout(s.In("drop"), in[0], arg[float64](g, "p"), arg[int](g, "size"))
		},
		"WeightedChannelDropout": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
			return regularize.WeightedChannelDropout(s.In("drop"), in[0], arg[float64](g, "p"), regularize.SelectRatio(arg[float64](g, "ratio")))
		},
		"MaxPoolDropout2D": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
			return regularize.MaxPoolDropout2D(s.In("drop"), nodes.ReLU(in[0]), arg[float64](g, "p"), arg[int](g, "kernel_size"), goldenWindow(g))
		},
		"StochasticPool2D": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
			return regularize.StochasticPool2D(s.In("drop"), nodes.ReLU(in[0]), arg[int](g, "kernel_size"), goldenWindow(g))
		},
		"MaxDrop": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
			var opts []regularize.MaxDropOption
			if arg[bool](g, "across") {
				opts = append(opts, regularize.AcrossChannels())
			}
			return regularize.MaxDrop(s.In("drop"), in[0], arg[float64](g, "p"), opts...)
		},
		"FocusedDropout": func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
			between := regularize.FocusBetween(arg[float64](g, "lo"), arg[float64](g, "hi"))
			return regularize.FocusedDropout(s.In("drop"), in[0], regularize.Participation(1), between)
		},
	})
}

func goldenDropBlock(f dropBlockNode) goldenNet {
	return func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		var opts []regularize.DropBlockOption
		if arg[bool](g, "couple_channels") {
			opts = append(opts, regularize.CoupleChannels())
		}
		return f(s.In("drop"), in[0], arg[float64](g, "p"), arg[int](g, "block_size"), opts...)
	}
}

func goldenWindow(g drawn) regularize.WindowOption {
	return regularize.Window(nodes.Stride(arg[int](g, "stride")), nodes.Pad(arg[int](g, "padding")))
}
