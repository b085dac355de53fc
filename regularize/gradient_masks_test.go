package regularize_test

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// maskGradients are the rows of the nodes that draw over channels, features, samples
// and branches, and of the classic form.
func maskGradients() []graphtest.Case {
	row := func(node, name string, f func(*graph.Scope, *graph.Node) *graph.Node, shape ...int) graphtest.Case {
		return graphtest.Case{
			Node: node, Name: name, Modes: allModes, In: []graphtest.Input{graphtest.Normal(shape...)},
			Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return f(s.In("drop"), in[0]) },
		}
	}
	depth := func(name string, p float64, opts ...regularize.StochasticDepthOption) graphtest.Case {
		return row("StochasticDepth", name, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Add(x, regularize.StochasticDepth(s, nodes.Tanh(x), p, opts...))
		}, 6, 2, 3)
	}
	branch := func(name string, opts ...regularize.StochasticDepthOption) graphtest.Case {
		return row("StochasticBranch", name, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Add(x, regularize.StochasticBranch(s, x, 0.4, func(s *graph.Scope, x *graph.Node) *graph.Node {
				return nodes.Linear(s.In("fc"), x, 3)
			}, opts...))
		}, 6, 3)
	}
	return []graphtest.Case{
		row("Dropout", "classic", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 0.3, regularize.Classic())
		}, 3, 5),
		row("Dropout", "classic, shared by an axis", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 0.3, regularize.Classic(), regularize.NoiseShape(0, 1))
		}, 7, 2),
		row("ChannelDropout", "", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.ChannelDropout(s, x, 0.3) }, 2, 9, 3),
		row("LockedDropout", "", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.LockedDropout(s, x, 0.3) }, 3, 4, 5),
		depth("of the batch", 0.4), depth("of samples", 0.4, regularize.RowMode()), depth("never", 1),
		depth("classic", 0.4, regularize.Classic(), regularize.RowMode()),
		row("AlphaDropout", "", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.AlphaDropout(s, x, 0.3) }, 3, 5),
		row("AlphaDropout", "shared by an axis", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.AlphaDropout(s, x, 0.3, regularize.NoiseShape(0, 1))
		}, 7, 2),
		row("FeatureAlphaDropout", "", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.FeatureAlphaDropout(s, x, 0.3)
		}, 3, 4, 5),
		row("GaussianDropout", "", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianDropout(s, x, 0.3) }, 3, 5),
		row("GaussianNoise", "", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianNoise(s, x, 0.3) }, 3, 5),
		row("Swapout", "", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Swapout(s, x, nodes.Tanh(x), 0.3, 0.6)
		}, 3, 4, 5),
		row("Swapout", "of nothing", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Swapout(s, x, nodes.Tanh(x), 0, 0)
		}, 3, 5),
		row("Swapout", "of the branch alone", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Swapout(s, x, nodes.Tanh(x), 0, 0.5)
		}, 3, 5),
		branch("of the batch"), branch("of samples", regularize.RowMode()),
	}
}
