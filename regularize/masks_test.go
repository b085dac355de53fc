package regularize_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

// Worked by hand: p = 1/2, unscaled in training and halved in evaluation.
func TestClassicAgainstHand(t *testing.T) {
	x, shape := []float64{1, 2, 3, 4}, graph.Shape{4}
	step := stepThat("drop", 0.5, 1, 0, 1, 0)
	for _, c := range []struct {
		mode      graph.Mode
		wantY, dx []float64
	}{
		{graph.Train, []float64{1, 0, 3, 0}, []float64{1, 0, 1, 0}},
		{graph.MonteCarlo, []float64{1, 0, 3, 0}, []float64{1, 0, 1, 0}},
		{graph.Eval, []float64{.5, 1, 1.5, 2}, []float64{.5, .5, .5, .5}},
	} {
		y, dx := try(t, dropout(0.5, regularize.Classic()), shape, x, graph.InMode(c.mode)).at(t, step, constant(1, 4))
		wantClose(t, c.mode.String()+": y", y, c.wantY, 0)
		wantClose(t, c.mode.String()+": dx", dx, c.dx, 0)
	}
	// Evaluation has the rate that training ends with, and the rounded one.
	y, _ := try(t, dropout(0.5, regularize.Classic(), regularize.LinearRate(0, 100)), shape, x, graph.InMode(graph.Eval)).at(t, 7, x)
	wantClose(t, "scheduled", y, []float64{.5, 1, 1.5, 2}, 0)
	y, _ = try(t, dropout(0.3, regularize.Classic()), graph.Shape{1}, []float64{1}, graph.InMode(graph.Eval)).at(t, 7, []float64{1})
	wantClose(t, "rounded", y, []float64{1 - math.Round(0.3*65536)/65536}, 0)
}

// Training of a classic dropout has the mean of its evaluation.
func TestClassicKeepsTheMeanOfEvaluation(t *testing.T) {
	const n, p = 1_000_000, 0.3
	mean, variance := moments(sample(t, dropout(p, regularize.Classic()), graph.Shape{1000, 1000}, ones(n)))
	wantWithin(t, "mean", mean, 1-p, 4*math.Sqrt(p*(1-p)/n))
	wantWithin(t, "variance", variance, p*(1-p), 4*math.Sqrt(p*(1-p)/n))
}

func TestKeep(t *testing.T) {
	if p := regularize.Keep(0.75); p != 0.25 {
		t.Errorf("Keep(0.75) is %v, want 0.25", p)
	}
}

// Worked by hand: two steps of three features.
func TestLockedDropoutAgainstHand(t *testing.T) {
	y, dx := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.LockedDropout(s.In("drop"), x, 0.5)
	}, graph.Shape{1, 2, 3}, []float64{1, 2, 3, 4, 5, 6}).at(t, stepThat("drop", 0.5, 1, 0, 1), constant(1, 6))
	wantClose(t, "y", y, []float64{2, 0, 6, 8, 0, 12}, 0)
	wantClose(t, "dx", dx, []float64{2, 0, 2, 2, 0, 2}, 0)
}

// Two samples of two channels of two positions, whose first channel is dropped.
func TestChannelDropoutAgainstHand(t *testing.T) {
	y, dx := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.ChannelDropout(s.In("drop"), x, 0.5)
	}, graph.Shape{2, 2, 2}, []float64{1, 2, 3, 4, 5, 6, 7, 8}).at(t, stepThat("drop", 0.5, 0, 1), constant(1, 8))
	wantClose(t, "y", y, []float64{0, 0, 6, 8, 0, 0, 14, 16}, 0)
	wantClose(t, "dx", dx, []float64{0, 0, 2, 2, 0, 0, 2, 2}, 0)
}

// Over what is shared, factors are equal; over what is not, independent.
func TestWhatMasksShare(t *testing.T) {
	const n, a, b, p = 100, 60, 50, 0.3
	for _, c := range []struct {
		name   string
		f      func(*graph.Scope, *graph.Node, float64, ...regularize.Option) *graph.Node
		shared [3]bool
	}{
		{"ChannelDropout", regularize.ChannelDropout, [3]bool{true, false, true}},
		{"LockedDropout", regularize.LockedDropout, [3]bool{false, true, false}},
		{"StochasticDepth", func(s *graph.Scope, x *graph.Node, p float64, _ ...regularize.Option) *graph.Node {
			return regularize.StochasticDepth(s, x, p)
		}, [3]bool{true, true, true}},
		{"StochasticDepth in row mode", func(s *graph.Scope, x *graph.Node, p float64, _ ...regularize.Option) *graph.Node {
			return regularize.StochasticDepth(s, x, p, regularize.RowMode())
		}, [3]bool{false, true, true}},
	} {
		y := sample(t, func(s *graph.Scope, x *graph.Node) *graph.Node { return c.f(s.In("drop"), x, p) }, graph.Shape{n, a, b}, ones(n*a*b))
		for axis, lag := range []int{a * b, b, 1} {
			length := []int{n, a, b}[axis]
			same, pairs, total := true, 0, 0.0
			for i := range y {
				if i/lag%length+1 == length {
					continue
				}
				same = same && y[i] == y[i+lag]
				pairs++
				total += (float64(y[i]) - 1) * (float64(y[i+lag]) - 1) / (p / (1 - p))
			}
			if c.shared[axis] {
				if !same {
					t.Errorf("%s: factors differ along axis %d", c.name, axis)
				}
				continue
			}
			for other := range 3 { // pairs that are copies of each other count once
				if c.shared[other] {
					pairs /= []int{n, a, b}[other]
					total /= float64([]int{n, a, b}[other])
				}
			}
			wantWithin(t, c.name+": correlation of neighbours", total/float64(pairs), 0, 4/math.Sqrt(float64(pairs)))
		}
	}
}
