package regularize_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// Worked by hand; p of 0.1 is rounded to a 65536th.
func TestAlphaDropoutAgainstHand(t *testing.T) {
	for _, c := range []struct {
		p, a, kept, dropped float64
	}{
		{0.1, .921285, .622613, -1.457739},
		{0.5, .886405, .886405*0.5 + .779194, -.779194},
	} {
		y, dx := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.AlphaDropout(s.In("drop"), x, c.p)
		}, graph.Shape{3}, []float64{0.5, math.NaN(), 0.5}).at(t, stepThat("drop", c.p, 1, 0, 1), constant(1, 3))
		wantClose(t, "y", y, []float64{c.kept, c.dropped, c.kept}, 1e-4)
		wantClose(t, "dx", dx, []float64{c.a, 0, c.a}, 1e-4)
	}
}

// Standardised input comes out standardised.
func TestAlphaDropoutKeepsMeanAndVariance(t *testing.T) {
	const n = 1_000_000
	z := sample(t, func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianNoise(s.In("z"), x, 1) },
		graph.Shape{1000, 1000}, make([]float32, n))
	for _, p := range []float64{0.05, 0.3} {
		mean, variance := moments(sample(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.AlphaDropout(s.In("drop"), x, p)
		}, graph.Shape{1000, 1000}, z))
		wantWithin(t, "mean", mean, 0, 4/math.Sqrt(n))
		wantWithin(t, "variance", variance, 1, 4*math.Sqrt(2.5/n)) // the fourth moment is below 3.5
	}
}

// Channels are dropped as wholes, to a value that isn't 0.
func TestFeatureAlphaDropoutSharesMaps(t *testing.T) {
	const maps, positions, p = 4000, 6, 0.3
	y := sample(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.FeatureAlphaDropout(s.In("drop"), x, p)
	}, graph.Shape{40, 100, 2, 3}, ones(maps*positions))
	dropped := 0.0
	for k := range maps {
		row := y[k*positions:][:positions]
		if slices.Max(row) != slices.Min(row) {
			t.Fatalf("map %d holds %v, want one value", k, row)
		}
		if row[0] < 0 {
			dropped++
		}
	}
	wantWithin(t, "dropped fraction", dropped/maps, p, 4*math.Sqrt(p*(1-p)/maps))
}

// With x of 1, y is the noise.
func TestGaussianMoments(t *testing.T) {
	const n, p = 1_000_000, 0.2
	for name, c := range map[string]struct {
		f   func(s *graph.Scope, x *graph.Node) *graph.Node
		std float64
	}{
		"dropout": {func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianDropout(s.In("drop"), x, p) }, 0.5},
		"noise":   {func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.GaussianNoise(s.In("drop"), x, 0.3) }, 0.3},
	} {
		y := sample(t, c.f, graph.Shape{1000, 1000}, ones(n))
		mean, variance := moments(y)
		wantWithin(t, name+": mean", mean, 1, 4*c.std/math.Sqrt(n))
		wantWithin(t, name+": variance", variance, c.std*c.std, 4*c.std*c.std*math.Sqrt(2./n)+1e-5) // and p's rounding
		below := 0.0
		for _, v := range y {
			if float64(v) < 1-c.std {
				below++
			}
		}
		wantWithin(t, name+": part below a standard deviation", below/n, 0.158655, 4*math.Sqrt(0.1335/n)+1e-4)
		lagged := 0.0
		for i := range y[1:] {
			lagged += (float64(y[i]) - 1) * (float64(y[i+1]) - 1) / (c.std * c.std)
		}
		wantWithin(t, name+": correlation of neighbours", lagged/n, 0, 4/math.Sqrt(n))
	}
}

// dx has the factors of y, and not new ones; what is added has no part in dx.
func TestGaussianGradients(t *testing.T) {
	const n = 100
	y, dx := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.GaussianDropout(s.In("drop"), x, 0.5)
	}, graph.Shape{n}, constant(1, n)).at(t, 3, constant(1, n))
	wantClose(t, "dx of dropout", dx, y, 0)
	_, dx = try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.GaussianNoise(s.In("drop"), x, 0.5)
	}, graph.Shape{n}, constant(1, n)).at(t, 3, constant(1, n))
	wantClose(t, "dx of noise", dx, constant(1, n), 0)
}

// A schedule that ends at 1 fails in the step that has that rate, and says so.
func TestGaussianDropoutAtARateOfOne(t *testing.T) {
	tr := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.GaussianDropout(s.In("drop"), x, 0.5, regularize.RateFunc("steps", func(_ float64, step uint64) float64 { return float64(step) }))
	}, graph.Shape{2}, []float64{1, 2})
	tr.m.SetStep(1)
	if _, err := tr.tr.Step(row(0), row(1, 1)); err == nil || !strings.Contains(err.Error(), "the rate is 1 at step 1, want less") {
		t.Errorf("got error %v", err)
	}
	tr.m.SetStep(0)
	y, _ := tr.at(t, 0, constant(1, 2))
	wantClose(t, "y at a rate of 0", y, []float64{1, 2}, 0)
}

// Worked by hand: two masks, unscaled.
func TestSwapoutAgainstHand(t *testing.T) {
	f := func(s *graph.Scope, x *graph.Node) *graph.Node {
		branch := s.Param("f", graph.Shape{4}, graph.Values([]float64{10, 20, 30, 40}))
		return regularize.Swapout(s.In("swap"), x, branch, 0.5, 0.5)
	}
	x := []float64{1, 2, 3, 4}
	tr := try(t, f, graph.Shape{4}, x)
	step := uint64(0)
	for ; ; step++ {
		a, b := factors("swap.skip", step, 0.5, 4), factors("swap.branch", step, 0.5, 4)
		if slices.Equal(a, []float64{0, 2, 0, 2}) && slices.Equal(b, []float64{0, 0, 2, 2}) {
			break
		}
	}
	y, dx := tr.at(t, step, constant(1, 4))
	wantClose(t, "y", y, []float64{0, 2, 30, 44}, 0)
	wantClose(t, "dx", dx, []float64{0, 1, 0, 1}, 0)
	wantClose(t, "df", tr.tr.Gradients()[1].Value.Float64s(), []float64{0, 0, 1, 1}, 0)
	y, dx = try(t, f, graph.Shape{4}, x, graph.InMode(graph.Eval)).at(t, 0, constant(1, 4))
	wantClose(t, "y in evaluation", y, []float64{5.5, 11, 16.5, 22}, 0)
	wantClose(t, "dx in evaluation", dx, constant(0.5, 4), 0)
}

func TestSwapoutAtItsEnds(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		skip, branch  float64
		x, want, grad []float64
	}{
		{0, 0, []float64{1, -2}, []float64{2, -4}, []float64{2, 2}},
		{1, 1, []float64{nan, 1}, []float64{0, 0}, []float64{0, 0}},
		{1, 0, []float64{3, 1}, []float64{3, 1}, []float64{1, 1}},
	} {
		y, dx := try(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Swapout(s.In("swap"), x, x, c.skip, c.branch)
		}, graph.Shape{2}, c.x).at(t, 0, constant(1, 2))
		wantClose(t, "y", y, c.want, 0)
		wantClose(t, "dx", dx, c.grad, 0)
	}
}

// The mean of many passes is the evaluation, and the passes differ.
func TestSwapoutMeanOverSamples(t *testing.T) {
	const n = 400_000
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.Swapout(s.In("swap"), x, nodes.Add(x, x), 0.3, 0.6)
	}
	shape := graph.Shape{400, 1000}
	y := sample(t, net, shape, ones(n))
	mean, _ := moments(y)
	want, err := build(t, net, shape, graph.Seed(seed)).Predict(tensor.Ones(tensor.Float32, shape...))
	if err != nil {
		t.Fatal(err)
	}
	evaluated := float64(want.Float32s()[0])
	wantWithin(t, "evaluation", evaluated, 0.7+2*0.4, 1e-4)
	wantWithin(t, "mean", mean, evaluated, 4*math.Sqrt((0.21+4*0.24)/n)) // the two masks are independent
	counts := map[float32]float64{}
	for _, v := range y {
		counts[v]++
	}
	for v, p := range map[float32]float64{0: 0.3 * 0.6, 1: 0.7 * 0.6, 2: 0.3 * 0.4, 3: 0.7 * 0.4} {
		wantWithin(t, "part of one of the four values", counts[v]/n, p, 4*math.Sqrt(p*(1-p)/n)+1e-5)
	}
}
