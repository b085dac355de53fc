package regularize_test

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/regularize"
)

func cutout(p float64, size int, opts ...regularize.Option) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Cutout(s.In("drop"), x, p, size, opts...)
	}
}

func weighted(p float64, opts ...regularize.WeightedChannelDropoutOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.WeightedChannelDropout(s.In("drop"), x, p, opts...)
	}
}

func focused(opts ...regularize.FocusedDropoutOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FocusedDropout(s.In("drop"), x, opts...)
	}
}

// gradientOf is a row of one input.
func gradientOf(node, name string, f graph.Func, in graphtest.Input) graphtest.Case {
	return graphtest.Case{
		Node: node, Name: name, Modes: allModes, In: []graphtest.Input{in},
		Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return f(s, in[0]) },
	}
}

// Regions and channels depend on x, but as constants of the gradient. A difference
// so small that it changes no region leaves those of a FocusedDropout alone; the
// factors of a WeightedChannelDropout change with any, so there it must not scale.
func regionGradients() []graphtest.Case {
	always := regularize.Participation(1)
	return []graphtest.Case{
		gradientOf("Cutout", "", cutout(1, 2), graphtest.Normal(3, 2, 4, 5)),
		gradientOf("Cutout", "of some", cutout(0.5, 3), graphtest.Normal(4, 2, 4, 5)),
		gradientOf("Cutout", "at a scheduled rate", cutout(0.5, 3, regularize.RandomRate(0)), graphtest.Normal(4, 2, 4, 5)),
		gradientOf("WeightedChannelDropout", "all selected", weighted(0.3, regularize.SelectRatio(1)), graphtest.Uniform(0.1, 1, 3, 4, 2, 3)),
		gradientOf("FocusedDropout", "", focused(always), graphtest.Normal(3, 4, 3, 5)),
		gradientOf("FocusedDropout", "of a signal", focused(always, regularize.FocusBetween(0.1, 0.2)), graphtest.Normal(3, 4, 7)),
		gradientOf("FocusedDropout", "without a part", focused(regularize.Participation(0)), graphtest.Normal(3, 4, 3, 5)),
	}
}
