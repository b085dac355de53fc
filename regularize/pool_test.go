package regularize_test

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

func maxPoolDropout(p float64, k int, opts ...regularize.MaxPoolDropoutOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.MaxPoolDropout2D(s.In("drop"), x, p, k, opts...)
	}
}

func stochasticPool(k int, opts ...regularize.StochasticPoolOption) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticPool2D(s.In("drop"), x, k, opts...)
	}
}

// positive is distinct numbers above 0, far enough apart for differences.
func positive(shape ...int) graphtest.Input {
	n := graph.Shape(shape).TotalSize()
	x := make([]float64, n)
	for i := range x {
		x[i] = 0.5 + float64(i*7919%n)/float64(n)
	}
	return graphtest.Values(shape, x...)
}

func poolGradients() []graphtest.Case {
	overlap := regularize.Window(nodes.Stride(2), nodes.Pad(1))
	odd := regularize.Window(nodes.KernelSize(3, 2), nodes.Stride(2, 1), nodes.Pad(1), nodes.Dilation(2), nodes.CeilMode())
	return []graphtest.Case{
		gradientOf("MaxPoolDropout2D", "", maxPoolDropout(0.3, 2), positive(2, 3, 4, 7)),
		gradientOf("MaxPoolDropout2D", "overlapping", maxPoolDropout(0.4, 3, overlap), positive(2, 2, 5, 6)),
		gradientOf("MaxPoolDropout2D", "all options", maxPoolDropout(0.4, 0, odd), positive(2, 2, 8, 7)),
		gradientOf("MaxPoolDropout2D", "p of 0", maxPoolDropout(0, 2), positive(2, 3, 4, 7)),
		gradientOf("MaxPoolDropout2D", "predicting by the maximum", maxPoolDropout(0.3, 2, regularize.PredictMax()), positive(2, 3, 4, 7)),
		gradientOf("MaxPoolDropout2D", "predicting by the scaled maximum", maxPoolDropout(0.3, 2, regularize.PredictScaledMax()), positive(2, 3, 4, 7)),
		gradientOf("MaxPoolDropout1D", "", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.MaxPoolDropout1D(s.In("drop"), x, 0.3, 3)
		}, positive(2, 3, 11)),
		gradientOf("StochasticPool2D", "", stochasticPool(2), positive(2, 3, 4, 7)),
		gradientOf("StochasticPool2D", "overlapping", stochasticPool(3, overlap), positive(2, 2, 5, 6)),
		gradientOf("StochasticPool2D", "all options", stochasticPool(0, odd), positive(2, 2, 8, 7)),
		gradientOf("StochasticPool1D", "", func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.StochasticPool1D(s.In("drop"), x, 3)
		}, positive(2, 3, 11)),
	}
}

// Worked by hand: of 1 to 4 with p = 1/2 the weights are 1/2, 1/4, 1/8, 1/16.
func TestMaxPoolDropoutAgainstHand(t *testing.T) {
	one := []float64{1}
	for _, c := range []struct {
		name   string
		p      float64
		x      []float64
		opts   []regularize.MaxPoolDropoutOption
		y      float64
		dx     []float64
		within float64
	}{
		{"weighted", 0.5, []float64{1, 2, 3, 4}, nil, 3.0625, []float64{.0625, .125, .25, .5}, 0},
		{"scaled", 0.5, []float64{1, 2, 3, 4}, []regularize.MaxPoolDropoutOption{regularize.PredictScaledMax()}, 2, []float64{0, 0, 0, .5}, 0},
		{"plain", 0.5, []float64{1, 2, 3, 4}, []regularize.MaxPoolDropoutOption{regularize.PredictMax()}, 4, []float64{0, 0, 0, 1}, 0},
		{"of two", 0.2, []float64{1, 3}, nil, 2.56, []float64{.16, .8}, 1e-4}, // p is rounded to a 65536th
		{"all dropped", 1, []float64{1, 2, 3, 4}, nil, 0, []float64{0, 0, 0, 0}, 0},
		{"ties", 0.5, []float64{2, 2, 2, 2}, nil, 1.875, []float64{.5, .25, .125, .0625}, 0},
	} {
		k := len(c.x)
		f := func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.MaxPoolDropout1D(s.In("drop"), x, c.p, k, c.opts...)
		}
		y, dx := try(t, f, graph.Shape{1, 1, k}, c.x, graph.InMode(graph.Eval)).at(t, 0, one)
		wantClose(t, c.name+": y", y, []float64{c.y}, c.within)
		wantClose(t, c.name+": dx", dx, c.dx, c.within)
	}
}

// In training the largest of those kept wins, and takes the gradient whole.
func TestMaxPoolDropoutInTraining(t *testing.T) {
	x := []float64{1, 2, 3, 4}
	f := maxPoolDropout(0.5, 2)
	for mask := range 16 {
		keep := []int{mask & 1, mask >> 1 & 1, mask >> 2 & 1, mask >> 3}
		want, dx := 0.0, make([]float64, 4)
		for i, k := range keep {
			if k == 1 {
				want = x[i]
				clear(dx)
				dx[i] = 1
			}
		}
		y, got := try(t, f, graph.Shape{1, 1, 2, 2}, x).at(t, stepThat("drop", 0.5, keep...), []float64{1})
		wantClose(t, "y", y, []float64{want}, 0)
		wantClose(t, "dx", got, dx, 0)
	}
}

// Element r of a window comes out with probability q·pʳ, and the mean is what
// evaluation gives.
func TestMaxPoolDropoutRates(t *testing.T) {
	const n, p = 200_000, 0.3
	x := make([]float32, 0, 4*n)
	for range n {
		x = append(x, 2, 4, 1, 3)
	}
	y := sample(t, maxPoolDropout(p, 2), graph.Shape{n, 1, 2, 2}, x)
	q := 1 - p
	for r, v := range []float32{4, 3, 2, 1} {
		want := q * math.Pow(p, float64(r))
		wantWithin(t, "rate", float64(len(only(y, v)))/n, want, 4*math.Sqrt(want*(1-want)/n))
	}
	mean, variance := moments(y)
	wantWithin(t, "mean", mean, q*(4+p*(3+p*(2+p))), 4*math.Sqrt(variance/n))
}

func only(x []float32, v float32) []float32 {
	return slices.DeleteFunc(slices.Clone(x), func(e float32) bool { return e != v })
}

// Worked by hand: 1 and 3 come out in 1 of 4 and in 3 of 4 draws, and their mean is
// 10/4.
func TestStochasticPoolAgainstHand(t *testing.T) {
	f := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.StochasticPool1D(s.In("drop"), x, 2)
	}
	x := []float64{1, 3}
	for step := range uint64(20) {
		word := philox.Block(philox.At(step, 0), philox.KeyOf(seed, "drop"))[0]
		want, wantDX := 3.0, []float64{0, 2}
		if float64(word)*0x1p-32 < 0.25 {
			want, wantDX = 1, []float64{2, 0}
		}
		y, dx := try(t, f, graph.Shape{1, 1, 2}, x).at(t, step, []float64{2})
		wantClose(t, "y", y, []float64{want}, 0)
		wantClose(t, "dx", dx, wantDX, 0)
	}
	y, dx := try(t, f, graph.Shape{1, 1, 2}, x, graph.InMode(graph.Eval)).at(t, 0, []float64{2})
	wantClose(t, "y in evaluation", y, []float64{2.5}, 0)
	wantClose(t, "dx in evaluation", dx, []float64{2 * (2 - 2.5) / 4, 2 * (6 - 2.5) / 4}, 0)

	y, dx = try(t, f, graph.Shape{1, 1, 2}, []float64{0, -1}, graph.InMode(graph.Eval)).at(t, 0, []float64{2})
	wantClose(t, "y of nothing positive", y, []float64{0}, 0)
	wantClose(t, "dx of nothing positive", dx, []float64{0, 0}, 0)
}

func TestStochasticPoolRates(t *testing.T) {
	const n = 200_000
	x := make([]float32, 0, 4*n)
	for range n {
		x = append(x, 2, 4, 1, 3)
	}
	y := sample(t, stochasticPool(2), graph.Shape{n, 1, 2, 2}, x)
	for v := float32(1); v <= 4; v++ {
		want := float64(v) / 10
		wantWithin(t, "rate", float64(len(only(y, v)))/n, want, 4*math.Sqrt(want*(1-want)/n))
	}
	mean, variance := moments(y)
	wantWithin(t, "mean", mean, 3, 4*math.Sqrt(variance/n))
}

func TestPoolsOnChannelsLastMemory(t *testing.T) {
	for _, w := range []regularize.WindowOption{regularize.Window(), regularize.Window(nodes.Stride(2), nodes.Pad(1))} {
		sameOnChannelsLast(t, maxPoolDropout(0.4, 3, w), graph.Shape{3, 35, 7, 9})
		sameOnChannelsLast(t, stochasticPool(3, w), graph.Shape{3, 35, 7, 9})
		eval := func(f graph.Func) graph.Func {
			return func(s *graph.Scope, x *graph.Node) *graph.Node { return f(s.InMode(graph.Eval), x) }
		}
		sameOnChannelsLast(t, eval(maxPoolDropout(0.4, 3, w)), graph.Shape{3, 35, 7, 9})
		sameOnChannelsLast(t, eval(stochasticPool(3, w)), graph.Shape{3, 35, 7, 9})
	}
}
