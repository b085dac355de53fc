package regularize_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

// Predictions have the rate that training ends with, at whatever step they run, and a
// function of one's own is asked for it at one step.
func TestRateOfPredictions(t *testing.T) {
	var asked map[uint64]bool
	own := regularize.RateFunc("own", func(p float64, step uint64) float64 {
		asked[step] = true
		if step < 100 {
			return 1
		}
		return p
	})
	const step = 7
	x := []float64{1, 2, 3, 4}
	shape := graph.Shape{1, 1, 2, 2}
	for _, c := range []struct {
		name     string
		f        func(opts ...regularize.Option) graph.Func
		mode     graph.Mode
		schedule regularize.Schedule
		out      int // elements
	}{
		{"in Monte Carlo mode", func(opts ...regularize.Option) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.SpatialDropout2D(s.In("drop"), x, 0.5, opts...)
			}
		}, graph.MonteCarlo, own, 4},
		{"linear, in Monte Carlo mode", func(opts ...regularize.Option) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.Cutout(s.In("drop"), x, 0.5, 1, opts...)
			}
		}, graph.MonteCarlo, regularize.LinearRate(0, 1000), 4},
		{"of a pooling", func(opts ...regularize.Option) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node {
				more := []regularize.MaxPoolDropoutOption{}
				for _, opt := range opts {
					more = append(more, opt)
				}
				return maxPoolDropout(0.5, 2, more...)(s, x)
			}
		}, graph.Eval, own, 1},
	} {
		asked = map[uint64]bool{}
		y, _ := try(t, c.f(c.schedule), shape, x, graph.InMode(c.mode)).at(t, step, constant(1, c.out))
		want, _ := try(t, c.f(), shape, x, graph.InMode(c.mode)).at(t, step, constant(1, c.out))
		wantClose(t, c.name, y, want, 0)
		delete(asked, math.MaxInt64)
		for step := range asked {
			t.Errorf("%s: the rate was asked for at step %d", c.name, step)
		}
	}
}

// A node that draws in predictions too has in training the rate of the step, and one that
// is told to train has in predictions that which training ends with.
func TestRateOfANodeInAModeOfItsOwn(t *testing.T) {
	const step = 3
	x := constant(1, 1000)
	drop := func(mode graph.Mode, p float64, opts ...regularize.DropoutOption) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("drop").InMode(mode), x, p, opts...)
		}
	}
	for _, c := range []struct {
		own, program graph.Mode
		p            float64
	}{
		{graph.MonteCarlo, graph.Train, 0.15},
		{graph.MonteCarlo, graph.Eval, 0.5},
		{graph.Train, graph.Train, 0.15},
		{graph.Train, graph.Eval, 0.5},
		{graph.Train, graph.MonteCarlo, 0.5},
	} {
		y, _ := try(t, drop(c.own, 0.5, regularize.LinearRate(0, 10)), graph.Shape{1000}, x, graph.InMode(c.program)).at(t, step, x)
		want, _ := try(t, drop(c.own, c.p), graph.Shape{1000}, x, graph.InMode(c.program)).at(t, step, x)
		wantClose(t, c.own.String()+" in "+c.program.String(), y, want, 0)
	}
}

// A rate drawn in training leaves none for evaluation, but plain max pooling needs
// none.
func TestMaxPoolDropoutAtARandomRate(t *testing.T) {
	f := maxPoolDropout(1, 2, regularize.RandomRate(0), regularize.PredictMax())
	y, _ := try(t, f, graph.Shape{1, 1, 2, 2}, []float64{1, 2, 4, 3}, graph.InMode(graph.Eval)).at(t, 0, []float64{1})
	wantClose(t, "evaluation", y, []float64{4}, 0)
}
