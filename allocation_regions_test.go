package thinnet

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// Nor does a step with a node that drops blocks, channels, regions or maxima, or one
// that pools at random, allocate anything.
func TestStepsOfStructuredDropoutAllocateNothing(t *testing.T) {
	for name, drop := range map[string]graph.Func{
		"DropBlock2D": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.DropBlock2D(s, x, 0.1, 3) },
		"DropBlock2D, coupled": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.DropBlock2D(s, x, 0.1, 3, regularize.CoupleChannels())
		},
		"Cutout":                 func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Cutout(s, x, 1, 3) },
		"WeightedChannelDropout": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.WeightedChannelDropout(s, x, 0.1) },
		"FocusedDropout": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.FocusedDropout(s, x, regularize.Participation(0.5))
		},
		"MaxDrop": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.MaxDrop(s, x, 0.5) },
		"MaxDrop, across channels": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.MaxDrop(s, x, 0.5, regularize.AcrossChannels())
		},
		"MaxPoolDropout2D": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.MaxPoolDropout2D(s, x, 0.5, 2) },
		"StochasticPool2D": func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.StochasticPool2D(s, x, 2) },
		"RandomRate": func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 0.5, regularize.RandomRate(0))
		},
	} {
		stepAllocatesNothing(t, name, func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.ReLU(nodes.Conv2D(s.In("conv1"), x, 8, 3, nodes.Pad(1)))
			x = nodes.Conv2D(s.In("conv2"), drop(s.In("drop"), x), 8, 3)
			return nodes.Linear(s.In("fc"), nodes.GlobalAvgPool(x), 10)
		}, images(), train.SGD(0.01))
	}
}
