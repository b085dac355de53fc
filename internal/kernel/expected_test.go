package kernel

import (
	"math"
	"testing"
)

// The values of the first two are those of the C library's erfc and exp.
func testExpectedReLU[T Float](t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct{ m, s, y, byMean, byDeviation float64 }{
		{3.5, math.Sqrt(9.25), 3.688579, 0.8750913, 0.2057485},
		{5, math.Sqrt(17), 5.225365, 0.8873735, 0.1912387},
		{0, 2, 2 / math.Sqrt(2*math.Pi), 0.5, 1 / math.Sqrt(2*math.Pi)},
		{-1e6, 1, 0, 0, 0},
		{-12, 1, 0, 0, 0},
		{1e6, 1, 1e6, 1, 0},
		{2, 0, 2, 1, 0},
		{-2, 0, 0, 0, 0},
		{0, 0, 0, 0, 0},
		{inf, 1, inf, 1, 0},
		{-inf, 1, 0, 0, 0},
		{-inf, 0, 0, 0, 0},
		{nan, 1, nan, nan, nan},
		{1, nan, nan, nan, nan},
	} {
		m, s, y := []T{T(c.m)}, []T{T(c.s)}, make([]T, 1)
		ExpectedReLU(y, m, s)
		near(t, "y", y, []float64{c.y}, 1e-6)
		ExpectedReLUGradMean(y, m, s, []T{1})
		near(t, "gradient by the mean", y, []float64{c.byMean}, 1e-6)
		ExpectedReLUGradDeviation(y, m, s, []T{1})
		near(t, "gradient by the deviation", y, []float64{c.byDeviation}, 1e-6)
	}
}

func TestExpectedReLU(t *testing.T) {
	testExpectedReLU[float32](t)
	testExpectedReLU[float64](t)
}

// It is never negative, though far below 0 its terms cancel.
func TestExpectedReLUIsNoLessThanZero(t *testing.T) {
	y := make([]float64, 1)
	for m := -50.0; m < 0; m += 0.01 {
		if ExpectedReLU(y, []float64{m}, []float64{1}); y[0] < 0 || math.Signbit(y[0]) {
			t.Fatalf("mean %v: got %v, want at least 0", m, y[0])
		}
	}
}

func TestExpectedReLUGradients(t *testing.T) {
	m, s, dy := normal[float64](50, "m"), normal[float64](50, "s"), normal[float64](50, "dy")
	for i := range s {
		s[i] = math.Abs(s[i]) + 0.1
	}
	y, d := make([]float64, 50), make([]float64, 50)
	loss := func() float64 {
		ExpectedReLU(y, m, s)
		return dot(y, dy)
	}
	ExpectedReLUGradMean(d, m, s, dy)
	differences(t, "by the mean", m, d, loss)
	ExpectedReLUGradDeviation(d, m, s, dy)
	differences(t, "by the deviation", s, d, loss)
}

func testRoot[T Float](t *testing.T) {
	x, dy := []T{0, 1, 4, T(math.Inf(1)), T(math.NaN()), -1e-9}, []T{5, 6, 7, 8, 9, 3}
	y, dx := make([]T, len(x)), make([]T, len(x))
	Root(y, x, 4)
	near(t, "y", y, []float64{0, 2, 4, math.Inf(1), math.NaN(), 0}, 0)
	RootGrad(dx, y, dy, 4)
	near(t, "dx", dx, []float64{0, 6, 3.5, 0, math.NaN(), 0}, 0)
}

func TestRoot(t *testing.T) {
	testRoot[float32](t)
	testRoot[float64](t)
}
