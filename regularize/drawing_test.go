package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// ofWeight drops from the weight of a layer.
func ofWeight(f graph.Func) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), x, 2, nodes.Parametrize(f))
	}
}

// ofSteps lets f see x of shape (T, N, F), with two steps.
func ofSteps(f graph.Func) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Transpose(f(s, nodes.Transpose(nodes.Reshape(x, 0, 2, 2), 1, 0, 2)), 1, 0, 2)
	}
}

// What is drawn for the whole batch is drawn in a pass for itself, what is drawn for
// samples beside the copies of one.
func TestWhatIsDrawnFor(t *testing.T) {
	samples, batches, both := graph.Drawing{Samples: true}, graph.Drawing{Batches: true}, graph.Drawing{Samples: true, Batches: true}
	inner := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s.In("drop"), x, 0.5) }
	for _, c := range []struct {
		name string
		f    graph.Func
		want graph.Drawing
	}{
		{"Dropout", inner, samples},
		{"of a weight", ofWeight(inner), batches},
		{"normal factors of a weight", ofWeight(func(s *graph.Scope, w *graph.Node) *graph.Node {
			return regularize.GaussianDropout(s, w, 0.5)
		}), batches},
		{"noise of a weight", ofWeight(func(s *graph.Scope, w *graph.Node) *graph.Node {
			return regularize.GaussianNoise(s, nodes.Mul(w, w), 0.5)
		}), batches},
		{"of a recurrent weight", func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.Reshape(x, 0, 2, 2)
			return nodes.GRU(s.In("gru"), x, 3, nodes.ParametrizeRecurrent(inner)).Last()
		}, batches},
		{"of a recurrent state", func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.Reshape(x, 0, 2, 2)
			return nodes.GRU(s.In("gru"), x, 3, nodes.RecurrentFactors(regularize.RecurrentDropout(0.5))).Last()
		}, samples},
		{"of a parameter", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Add(x, inner(s, s.Param("weight", graph.Shape{4}, graph.Ones())))
		}, batches},
		{"of a branch", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticBranch(s.In("b"), x, 0.5, inner)
		}, both},
		{"under the path of a branch", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticDepth(s.In("b"), inner(s.In("b"), x), 0.5)
		}, both},
		{"of a kernel, whose evaluation has normal numbers", func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.Reshape(x, 0, 1, 2, 2)
			return regularize.DropConnectConv2D(s.In("conv"), x, 3, 2, 0.5, regularize.GaussianMean(4), regularize.Activation(func(u *graph.Node) *graph.Node { return nodes.ReLU(u) }))
		}, batches},
		{"at p of 0", func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = regularize.GaussianNoise(s.In("noise"), regularize.Dropout(s.In("drop"), x, 0), 0)
			x = nodes.Flatten(regularize.FocusedDropout(s.In("focus"), nodes.Reshape(x, 0, 2, 2), regularize.Participation(0)))
			return regularize.Dropout(s.In("last"), x, 0.5, regularize.NoiseShape(1, 0))
		}, batches},
		{"at p of 0 by schedules", func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = regularize.Dropout(s.In("drop"), x, 0, regularize.LinearRate(0, 10))
			x = regularize.GaussianDropout(s.In("noise"), x, 0, regularize.RandomRate(0))
			x = regularize.Swapout(s.In("swap"), x, nodes.Tanh(x), 0, 0, regularize.CurriculumRate(10))
			x = regularize.FocusedDropout(s.In("focus"), nodes.Reshape(x, 0, 2, 2), regularize.Participation(0), regularize.LinearRate(0, 10))
			return regularize.DropBlock1D(s.In("block"), x, 0, 2, regularize.CurriculumRate(10))
		}, graph.Drawing{}},
		{"at p of 0 by a function", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("drop"), x, 0, regularize.RateFunc("half", func(float64, uint64) float64 { return 0.5 }))
		}, samples},
		{"with the batch on the second axis", ofSteps(inner), both},
		{"maps with the batch on the second axis", ofSteps(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.LockedDropout(s.In("drop"), x, 0.5)
		}), batches},
		{"with a mask for all steps", ofSteps(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("drop"), x, 0.5, regularize.NoiseShape(1, 0, 0))
		}), both},
		{"channels selected, with the batch on the second axis", ofSteps(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.WeightedChannelDropout(s.In("drop"), x, 0.5)
		}), both},
		{"at p of 0 for now", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("drop"), x, 0, regularize.LinearRate(1, 10))
		}, samples},
	} {
		got, err := build(t, c.f, graph.Shape{3, 4}).Drawing()
		if err != nil {
			t.Fatalf("%s: %+v", c.name, err)
		}
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}
