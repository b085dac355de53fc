package regularize_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

func TestMistakesOfMasks(t *testing.T) {
	depth := func(p float64, opts ...regularize.StochasticDepthOption) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticDepth(s.In("drop"), x, p, opts...)
		}
	}
	branch := func(p float64, f graph.Func) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticBranch(s.In("branch"), x, p, f)
		}
	}
	flat := graph.Shape{2, 3}
	wantMistakes(t, []mistake{
		{"classic at a random rate", dropout(0.5, regularize.Classic(), regularize.RandomRate(0)), flat,
			"drop: Dropout: Classic with RandomRate leaves evaluation without a rate, want a schedule that ends with one"},
		{"p kept below 0", dropout(regularize.Keep(-1)), flat, "drop: Dropout: p is 2, want 0 ≤ p ≤ 1"},
		{"channels of a vector", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.ChannelDropout(s.In("drop"), x, 0.5)
		}, graph.Shape{3}, "drop: ChannelDropout: x has shape (3), want (N, C, ...)"},
		{"p of channels", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.ChannelDropout(s.In("drop"), x, -1)
		}, flat, "drop: ChannelDropout: p is -1, want 0 ≤ p ≤ 1"},
		{"steps of a matrix", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.LockedDropout(s.In("drop"), x, 0.5)
		}, flat, "drop: LockedDropout: x has shape (2, 3), want (N, T, F)"},
		{"p of features", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.LockedDropout(s.In("drop"), x, math.NaN())
		}, graph.Shape{2, 3, 4}, "drop: LockedDropout: p is NaN, want 0 ≤ p ≤ 1"},
		{"p of a branch", depth(1.5), flat, "drop: StochasticDepth: p is 1.5, want 0 ≤ p ≤ 1"},
		{"block outside the stack", depth(regularize.LinearDecay(5, 4, 0.5)), flat, "drop: StochasticDepth: p is NaN, want 0 ≤ p ≤ 1"},
		{"classic branch at a random rate", depth(0.5, regularize.Classic(), regularize.RandomRate(0)), flat,
			"drop: StochasticDepth: Classic with RandomRate leaves evaluation without a rate"},
		{"scalar branch", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticDepth(s.In("drop"), s.Param("x", graph.Shape{}, graph.Zeros()), 0.5)
		}, flat, "drop: StochasticDepth: x is a scalar, want a batch axis"},
		{"p of SELU units", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.AlphaDropout(s.In("drop"), x, 2)
		}, flat, "drop: AlphaDropout: p is 2, want 0 ≤ p ≤ 1"},
		{"noise shape of SELU units", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.AlphaDropout(s.In("drop"), x, 0.5, regularize.NoiseShape(1))
		}, flat, "drop: AlphaDropout: NoiseShape(1) has 1 axes, x has 2: its shape is (2, 3)"},
		{"maps of a matrix", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.FeatureAlphaDropout(s.In("drop"), x, 0.5)
		}, flat, "drop: FeatureAlphaDropout: x has shape (2, 3), want (N, C, ...) with positions; without them, use AlphaDropout"},
		{"infinite variance", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.GaussianDropout(s.In("drop"), x, 1)
		}, flat, "drop: GaussianDropout: p is 1, want less than 1 after rounding: the variance would be infinite"},
		{"a p that rounds to 1", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.GaussianDropout(s.In("drop"), x, 0.999999)
		}, flat, "drop: GaussianDropout: p is 0.999999, want less than 1 after rounding"},
		{"p of Gaussian dropout", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.GaussianDropout(s.In("drop"), x, math.NaN())
		}, flat, "drop: GaussianDropout: p is NaN, want 0 ≤ p ≤ 1"},
		{"negative deviation", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.GaussianNoise(s.In("drop"), x, -1)
		}, flat, "drop: GaussianNoise: std is -1, want a finite value ≥ 0"},
		{"infinite deviation", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.GaussianNoise(s.In("drop"), x, math.Inf(1))
		}, flat, "drop: GaussianNoise: std is +Inf, want a finite value ≥ 0"},
		{"noise on integers", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.GaussianNoise(s.In("drop"), s.Ints(graph.Shape{2}, []int{1, 2}), 1)
		}, flat, "drop: GaussianNoise: x has element type int, want float32"},
		{"rate to skip", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Swapout(s.In("swap"), x, x, 2, 0.5)
		}, flat, "swap.skip: Swapout: p is 2, want 0 ≤ p ≤ 1"},
		{"rate of the branch", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Swapout(s.In("swap"), x, x, 0.5, -2)
		}, flat, "swap.branch: Swapout: p is -2, want 0 ≤ p ≤ 1"},
		{"branch of another shape", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Swapout(s.In("swap"), x, s.Param("f", graph.Shape{3}, graph.Zeros()), 0.5, 0.5)
		}, flat, "swap: Swapout: x has shape (2, 3) and the branch (3), want one shape"},
		{"swapout at a random rate", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Swapout(s.In("swap"), x, x, 0.5, 0.5, regularize.RandomRate(0))
		}, flat, "swap: Swapout: Swapout with RandomRate leaves evaluation without a rate"},
		{"no branch", branch(0.5, nil), flat, "branch: StochasticBranch: the branch is nil"},
		{"branch of nothing", branch(0.5, func(*graph.Scope, *graph.Node) *graph.Node { return nil }), flat,
			"branch: StochasticBranch: the branch returns no values of type float32"},
		{"branch of integers", branch(0.5, func(s *graph.Scope, _ *graph.Node) *graph.Node { return s.Ints(graph.Shape{2}, []int{1, 2}) }), flat,
			"branch: StochasticBranch: the branch returns no values of type float32"},
		{"p of a branch with its norms", branch(-1, func(_ *graph.Scope, x *graph.Node) *graph.Node { return x }), flat,
			"branch: StochasticBranch: p is -1, want 0 ≤ p ≤ 1"},
		{"mistake within the branch", branch(0.5, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("drop"), x, 7)
		}), flat, "branch.drop: Dropout: p is 7, want 0 ≤ p ≤ 1"},
		{"a second draw in the scope of a branch", branch(0.5, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s, x, 0.5)
		}), flat, `branch: Dropout: a second random node at path "branch" would draw the same mask`},
	})
}
