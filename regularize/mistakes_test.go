package regularize_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

func TestMistakes(t *testing.T) {
	flat, images := graph.Shape{2, 3}, graph.Shape{2, 3, 4, 5}
	wantMistakes(t, []mistake{
		{"p too large", dropout(1.2), flat, "drop: Dropout: p is 1.2, want 0 ≤ p ≤ 1"},
		{"p negative", dropout(-0.1), flat, "drop: Dropout: p is -0.1, want 0 ≤ p ≤ 1"},
		{"p not a number", dropout(math.NaN()), flat, "drop: Dropout: p is NaN, want 0 ≤ p ≤ 1"},
		{"spatial p", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.SpatialDropout2D(s, x, 2) }, images,
			"SpatialDropout2D: p is 2, want 0 ≤ p ≤ 1"},
		{"scheduled p", dropout(2, regularize.LinearRate(0, 5)), flat, "drop: Dropout: p is 2, want 0 ≤ p ≤ 1"},
		{"start of a schedule", dropout(0.5, regularize.LinearRate(-1, 5)), flat, "drop: Dropout: LinearRate starts at -1, want a rate from 0 to 1"},
		{"steps of a schedule", dropout(0.5, regularize.LinearRate(0, 0)), flat, "drop: Dropout: LinearRate takes 0 steps, want at least 1"},
		{"steps of a curriculum", dropout(0.5, regularize.CurriculumRate(-1)), flat, "CurriculumRate is of -1 steps, want at least 1"},
		{"start of a drawn rate", dropout(0.5, regularize.RandomRate(1.5)), flat, "drop: Dropout: RandomRate starts at 1.5, want a rate from 0 to 1"},
		{"two schedules", dropout(0.5, regularize.LinearRate(0, 5), regularize.RandomRate(0.1)), flat,
			"drop: Dropout: two schedules are given, linear from 0 in 5 steps and random from 0.1, want one"},
		{"no schedule", dropBlock(regularize.DropBlock2D, 0.1, 3, regularize.Schedule{}), images,
			"drop: DropBlock2D: the Schedule is the zero value, want one that LinearRate, CurriculumRate, RandomRate or RateFunc returns"},
		{"two schedules of a taking part", focused(regularize.LinearRate(0, 5), regularize.LinearRate(0, 5)), images,
			"drop: FocusedDropout: two schedules are given"},
		{"no name", dropout(0.5, regularize.RateFunc("", nil)), flat, "the name of a RateFunc is empty, want one that says what it does"},
		{"no function", dropout(0.5, regularize.RateFunc("f", nil)), flat, `RateFunc "f" is nil`},
		{"too few noise axes", dropout(0.5, regularize.NoiseShape(0, 1)), images,
			"drop: Dropout: NoiseShape(0, 1) has 2 axes, x has 4: its shape is (2, 3, 4, 5)"},
		{"no noise axes", dropout(0.5, regularize.NoiseShape()), flat, "NoiseShape() has 0 axes, x has 2"},
		{"noise of another size", dropout(0.5, regularize.NoiseShape(0, 2)), flat,
			"drop: Dropout: axis 1 of NoiseShape(0, 2) is 2, want 1 to share a draw, or 0, -1 or 3 for the axis of x of shape (2, 3)"},
		{"noise below -1", dropout(0.5, regularize.NoiseShape(-2, 1)), flat, "axis 0 of NoiseShape(-2, 1) is -2"},
		{"p of blocks", dropBlock(regularize.DropBlock2D, -1, 3), images, "drop: DropBlock2D: p is -1, want 0 ≤ p ≤ 1"},
		{"no block", dropBlock(regularize.DropBlock2D, 0.1, 0), images, "drop: DropBlock2D: size is 0, want at least 1"},
		{"blocks of nothing", dropBlock(regularize.DropBlock2D, 0.1, 3), flat, "drop: DropBlock2D: x has shape (2, 3), want (N, C, H, W)"},
		{"blocks of images", dropBlock(regularize.DropBlock3D, 0.1, 3), images, "drop: DropBlock3D: x has shape (2, 3, 4, 5), want (N, C, D, H, W)"},
		{"a tall square", cutout(0.5, 0), images, "drop: Cutout: size is 0, want at least 1"},
		{"squares of nothing", cutout(0.5, 2), flat, "drop: Cutout: x has shape (2, 3), want (N, C, H, W)"},
		{"p of squares", cutout(1.5, 2), images, "drop: Cutout: p is 1.5, want 0 ≤ p ≤ 1"},
		{"p of channels", weighted(-1), images, "drop: WeightedChannelDropout: p is -1, want 0 ≤ p ≤ 1"},
		{"no channels", weighted(0.1, regularize.SelectRatio(0)), images, "drop: WeightedChannelDropout: SelectRatio is 0, want more than 0 and at most 1"},
		{"channels of nothing", weighted(0.1), flat, "drop: WeightedChannelDropout: x has shape (2, 3), want (N, C, ...) with at least one spatial axis"},
		{"participation", focused(regularize.Participation(2)), images, "drop: FocusedDropout: Participation is 2, want a rate from 0 to 1"},
		{"focus", focused(regularize.FocusBetween(0.6, 0.3)), images, "drop: FocusedDropout: FocusBetween is 0.6 and 0.3, want 0 ≤ lo ≤ hi ≤ 1"},
		{"focus on nothing", focused(), flat, "drop: FocusedDropout: x has shape (2, 3), want (N, C, ...) with at least one spatial axis"},
		{"p of maxima", maxDrop(-1), images, "drop: MaxDrop: p is -1, want 0 ≤ p ≤ 1"},
		{"maxima of nothing", maxDrop(0.5), flat, "drop: MaxDrop: x has shape (2, 3), want (N, C, ...) with at least one spatial axis"},
		{"p of a pooling", maxPoolDropout(7, 2), images, "drop: MaxPoolDropout2D: p is 7, want 0 ≤ p ≤ 1"},
		{"pooling at no rate", maxPoolDropout(0.5, 2, regularize.RateFunc("f", nil)), images, `drop: MaxPoolDropout2D: RateFunc "f" is nil`},
		{"pooling at a random rate", maxPoolDropout(1, 2, regularize.RandomRate(0)), images,
			"drop: MaxPoolDropout2D: a pooling other than PredictMax with RandomRate leaves evaluation without a rate"},
		{"pooling of nothing", maxPoolDropout(0.5, 2), flat, "drop: MaxPoolDropout2D: x has shape (2, 3), want (N, C, H, W)"},
		{"a window too wide", maxPoolDropout(0.5, 6), images, "drop: MaxPoolDropout2D: a window spans [6 6] and x with its padding [4 5], want a window that fits"},
		{"padding too wide", stochasticPool(2, regularize.Window(nodes.Pad(2))), images, "drop: StochasticPool2D: Pad is [2] for a kernel of [2], want at most half of it"},
		{"draws of nothing", stochasticPool(2), flat, "drop: StochasticPool2D: x has shape (2, 3), want (N, C, H, W)"},
		{"maps of images", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.SpatialDropout1D(s.In("drop"), x, 0.5)
		}, images, "drop: SpatialDropout1D: x has shape (2, 3, 4, 5), want (N, C, L); use SpatialDropout2D"},
		{"maps of nothing", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.SpatialDropout2D(s.In("drop"), x, 0.5)
		}, flat, "x has shape (2, 3), want (N, C, H, W); with no positions to share a draw, use Dropout"},
		{"maps of too much", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.SpatialDropout3D(s.In("drop"), x, 0.5)
		}, graph.Shape{1, 1, 1, 1, 1, 1}, "x has shape (1, 1, 1, 1, 1, 1), want (N, C, D, H, W)"},
		{"two in one scope", func(s *graph.Scope, x *graph.Node) *graph.Node {
			s = s.In("drop")
			return regularize.SpatialDropout2D(s, regularize.Dropout(s, x, 0.5), 0.5)
		}, images, `drop: SpatialDropout2D: a second random node at path "drop" would draw the same mask; give it a scope of its own, as in s.In("drop2")`},
		{"indices", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return dropout(0.5)(s, s.Ints(graph.Shape{2}, []int{1, 2}))
		}, flat, "drop: Dropout: x has element type int, want float32"},
		{"no input", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return dropout(0.5, regularize.NoiseShape(1))(s, nil)
		}, flat, "drop: Dropout: x is nil, want a node"},
		{"λ negative", func(s *graph.Scope, x *graph.Node) *graph.Node { regularize.L2(s.In("fc"), -1); return x }, flat,
			"fc: L2: λ is -1, want a finite value ≥ 0"},
		{"λ not a number", func(s *graph.Scope, x *graph.Node) *graph.Node { regularize.L1(s, math.NaN()); return x }, flat,
			"L1: λ is NaN, want a finite value ≥ 0"},
		{"λ infinite", func(s *graph.Scope, x *graph.Node) *graph.Node { regularize.L1(s, math.Inf(1)); return x }, flat,
			"L1: λ is +Inf, want a finite value ≥ 0"},
		{"λ of orthogonality", func(s *graph.Scope, x *graph.Node) *graph.Node {
			regularize.OrthogonalPenalty(s.In("fc"), -1)
			return x
		}, flat,
			"fc: OrthogonalPenalty: λ is -1, want a finite value ≥ 0"},
		{"c zero", func(s *graph.Scope, x *graph.Node) *graph.Node { regularize.MaxNorm(s, 0); return x }, flat,
			"MaxNorm: c is 0, want c > 0"},
		{"c not a number", func(s *graph.Scope, x *graph.Node) *graph.Node { regularize.MaxNorm(s, math.NaN()); return x }, flat,
			"MaxNorm: c is NaN, want c > 0"},
	})
}

// A mistake is a model that can't be built, and what its error says.
type mistake struct {
	name  string
	f     graph.Func
	shape graph.Shape
	want  string
}

func wantMistakes(t *testing.T, mistakes []mistake) {
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			_, err := graph.Build(c.f, c.shape)
			if want := "graph.Build: " + c.want; err == nil {
				t.Errorf("got no error, want %q", want)
			} else if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %q, want %q", err, want)
			}
		})
	}
}

// After a mistake nodes are inert: the next ones must neither panic nor replace
// the message.
func TestNodesOfInertNodes(t *testing.T) {
	_, err := graph.Build(func(s *graph.Scope, _ *graph.Node) *graph.Node {
		x := s.In("fc").Errorf("the first mistake")
		x = regularize.Dropout(s.In("a"), x, 0.5, regularize.NoiseShape(0, 1))
		x = regularize.SpatialDropout2D(s.In("b"), x, 0.5)
		x = regularize.DropBlock2D(s.In("d"), x, 0.5, 3)
		x = regularize.Cutout(s.In("e"), x, 0.5, 3)
		x = regularize.WeightedChannelDropout(s.In("f"), x, 0.5)
		x = regularize.FocusedDropout(s.In("g"), x)
		x = regularize.MaxDrop(s.In("max"), x, 0.5)
		x = regularize.PreActivationConv2D(s.In("block"), x, 2, 3, nil)
		x = regularize.MaxPoolDropout2D(s.In("h"), x, 0.5, 2)
		x = regularize.StochasticPool2D(s.In("i"), x, 2)
		regularize.L1(s, 1)
		regularize.OrthogonalPenalty(s, 1)
		regularize.MaxNorm(s, 1)
		regularize.UnitNorm(s)
		return regularize.Dropout(s.In("c"), x, 7)
	}, graph.Shape{2, 3})
	if want := "graph.Build: fc: the first mistake"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}
