package regularize_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// The bounds of this file are 4 standard deviations of what is measured, so a
// right generator fails one seed in 16,000; the seed is fixed.

// sample returns what a net that draws makes of x.
func sample(t *testing.T, f graph.Func, shape graph.Shape, x []float32) []float32 {
	t.Helper()
	m := build(t, f, shape, graph.Seed(seed))
	y, err := m.Sample(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x)), 0)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return y.Float32s()
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

func moments(y []float32) (mean, variance float64) {
	for _, v := range y {
		mean += float64(v)
	}
	mean /= float64(len(y))
	for _, v := range y {
		variance += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, variance / float64(len(y))
}

func wantWithin(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %v, want %v, tolerance %v", what, got, want, tolerance)
	}
}

func TestRatesMeansAndVariances(t *testing.T) {
	const n = 1_000_000
	for _, p := range []float64{0.5, 0.2, 0.1, 0.9} {
		q := 1 - p
		y := sample(t, dropout(p), graph.Shape{1000, 1000}, ones(n))
		kept := 0.0
		for _, v := range y {
			if v != 0 {
				kept++
			}
		}
		rate := math.Sqrt(p * q / n) // the standard deviation of the kept fraction
		wantWithin(t, "kept fraction", kept/n, q, 4*rate)
		mean, variance := moments(y)
		wantWithin(t, "mean", mean, 1, 4*rate/q)
		// Var(y) = r(1-r)/q² for a kept fraction r: first and second order in r-q.
		wantWithin(t, "variance", variance, p/q, (4*rate*math.Abs(1-2*q)+16*rate*rate)/(q*q))
	}
}

// Of zero mean, x comes out with a variance of Var(x)/q.
func TestVarianceOfCentredInput(t *testing.T) {
	const n, p, q = 1_000_000, 0.5, 0.5
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	_, variance := moments(sample(t, dropout(p), graph.Shape{1000, 1000}, x))
	// E y⁴ = 3/q³ for standard normal x.
	wantWithin(t, "variance", variance, 1/q, 4*math.Sqrt((3/(q*q*q)-1/(q*q))/n))
}

// Neighbours along each axis, across the borders of 128-bit blocks, in two
// streams, and in two steps, are independent.
func TestMasksAreIndependent(t *testing.T) {
	const rows, cols = 1000, 1000
	const n = rows * cols
	for _, p := range []float64{0.5, 0.2} {
		shape := graph.Shape{rows, cols}
		a := sample(t, dropout(p), shape, ones(n))
		for name, lag := range map[string]int{"columns": 1, "half a block": 4, "a block": 8, "rows": cols} {
			wantWithin(t, "correlation of neighbours over "+name, correlation(a[lag:], a[:n-lag], p), 0, 4/math.Sqrt(float64(n-lag)))
		}
		b := sample(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
			return regularize.Dropout(s.In("other"), x, p)
		}, shape, ones(n))
		wantWithin(t, "correlation of two paths", correlation(a, b, p), 0, 4/math.Sqrt(n))
		m := build(t, dropout(p), shape, graph.Seed(seed))
		c, err := m.Sample(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(ones(n))), 1)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		wantWithin(t, "correlation of two steps", correlation(a, c.Float32s(), p), 0, 4/math.Sqrt(n))
	}
}

// Shared masks are alike over their positions, and independent over samples
// and channels.
func TestMapsAreSharedAndIndependent(t *testing.T) {
	const samples, channels, h, w, p = 400, 100, 3, 5, 0.3
	const maps = samples * channels
	y := sample(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		return regularize.SpatialDropout2D(s.In("drop"), x, p)
	}, graph.Shape{samples, channels, h, w}, ones(maps*h*w))
	k := make([]float32, maps)
	for i := range k {
		k[i] = y[i*h*w]
		for _, v := range y[i*h*w:][:h*w] {
			if v != k[i] {
				t.Fatalf("map %d holds %v and %v, want one factor", i, k[i], v)
			}
		}
	}
	mean, _ := moments(k)
	wantWithin(t, "mean", mean, 1, 4*math.Sqrt(p/((1-p)*maps)))
	for name, lag := range map[string]int{"channels": 1, "samples": channels} {
		wantWithin(t, "correlation of neighbours over "+name, correlation(k[lag:], k[:maps-lag], p), 0, 4/math.Sqrt(float64(maps-lag)))
	}
}

// correlation is that of factors with mean 1 and variance p/(1-p).
func correlation(a, b []float32, p float64) float64 {
	total := 0.0
	for i := range a {
		total += (float64(a[i]) - 1) * (float64(b[i]) - 1)
	}
	return total / float64(len(a)) / (p / (1 - p))
}
