package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// layouts are pairs of views of one tensor: those of the norms, then odd ones
// that only have to be right.
var layouts = []struct {
	name      string
	l, affine Layout
}{
	{"batch", Layout{4, 3, 10}, Layout{4, 3, 10}},
	{"batch, channels last", Layout{50, 5, 1}, Layout{50, 5, 1}},
	{"layer", Layout{1, 6, 7}, Layout{6, 7, 1}},
	{"group", Layout{1, 4 * 2, 3 * 5}, Layout{4, 6, 5}},
	{"instance", Layout{1, 4 * 3, 5}, Layout{4, 3, 5}},
	{"one group", Layout{12, 1, 1}, Layout{12, 1, 1}},
	{"one channel", Layout{1, 4, 6}, Layout{4, 1, 6}},
	{"unequal strides", Layout{2, 3, 4}, Layout{4, 3, 2}},
	{"columns and rows", Layout{6, 4, 1}, Layout{1, 4, 6}},
	{"columns and other columns", Layout{6, 4, 1}, Layout{4, 6, 1}},
	{"batch, several chunks", Layout{16, 40, 200}, Layout{16, 40, 200}},
	{"batch, channels last, several chunks", Layout{4000, 20, 1}, Layout{4000, 20, 1}},
	{"layer, several chunks", Layout{1, 600, 64}, Layout{600, 64, 1}},
	{"group, several chunks", Layout{1, 16 * 4, 8 * 100}, Layout{16, 32, 100}},
}

func (l Layout) groupOf(e int) int { return e / l.Inner % l.Groups }

func momentsReference[T Float](x []T, l Layout) (mean, variance []float64) {
	mean, variance = make([]float64, l.Groups), make([]float64, l.Groups)
	count := float64(l.Outer * l.Inner)
	for e, v := range x {
		mean[l.groupOf(e)] += float64(v)
	}
	for g := range mean {
		mean[g] /= count
	}
	for e, v := range x {
		d := float64(v) - mean[l.groupOf(e)]
		variance[l.groupOf(e)] += d * d
	}
	for g := range variance {
		variance[g] /= count
	}
	return mean, variance
}

func testMoments[T Float](t *testing.T) {
	for _, c := range layouts {
		x := scaled(normal[T](c.l.size(), "x"), 2, 3)
		stats := make([]T, 2*c.l.Groups)
		Moments(stats, x, c.l)
		mean, variance := momentsReference(x, c.l)
		// The reference adds up to 4,000 numbers one by one.
		near(t, c.name, stats, append(mean, variance...), 10*rounding[T]())
	}
}

func TestMoments(t *testing.T) {
	testMoments[float32](t)
	testMoments[float64](t)
}

// The mean of the squares minus the square of the mean would lose everything
// here; in float32, a mean of 1e6 leaves a sixteenth of the deviation.
func TestMomentsDoesNotCancel(t *testing.T) {
	for _, l := range []Layout{{50, 4, 100}, {5000, 4, 1}, {1, 4, 5000}} {
		x := scaled(normal[float32](l.size(), "gamma"), 1, 1e6)
		stats := make([]float32, 2*l.Groups)
		Moments(stats, x, l)
		_, variance := momentsReference(x, l)
		for g, want := range variance {
			if got := float64(stats[l.Groups+g]); math.Abs(got/want-1) > 1e-3 {
				t.Errorf("%v: variance of group %d is %v, want %v within 1e-3", l, g, got, want)
			}
		}
	}
}

func testNormalize[T Float](t *testing.T) {
	for _, c := range layouts {
		size, n := c.l.size(), Norm{Of: c.l, Affine: c.affine, Eps: 0.1}
		x := normal[T](size, "x")
		stats := make([]T, 2*c.l.Groups)
		Moments(stats, x, c.l)
		for k, params := range [][2][]T{
			{normal[T](c.affine.Groups, "gamma"), normal[T](c.affine.Groups, "beta")},
			{nil, normal[T](c.affine.Groups, "beta")},
			{normal[T](c.affine.Groups, "gamma"), nil},
			{nil, nil},
		} {
			gamma, beta := params[0], params[1]
			want := make([]float64, size)
			for e, v := range x {
				g, ch := c.l.groupOf(e), c.affine.groupOf(e)
				want[e] = (float64(v) - float64(stats[g])) / math.Sqrt(float64(stats[c.l.Groups+g])+n.Eps)
				if gamma != nil {
					want[e] *= float64(gamma[ch])
				}
				if beta != nil {
					want[e] += float64(beta[ch])
				}
			}
			y := make([]T, size)
			Normalize(n, y, x, stats, gamma, beta)
			// A difference, two products and a sum, of numbers up to 5.
			near(t, fmt.Sprint(c.name, " ", k), y, want, 5*rounding[T]())

			copy(y, x)
			Normalize(n, y, y, stats, gamma, beta)
			near(t, c.name+" in place", y, want, 5*rounding[T]())
		}
	}
}

func TestNormalize(t *testing.T) {
	testNormalize[float32](t)
	testNormalize[float64](t)
}

func TestNormalizeGradients(t *testing.T) {
	for _, c := range layouts[:10] {
		size, n := c.l.size(), Norm{Of: c.l, Affine: c.affine, Eps: 0.1}
		x, dy := normal[float64](size, "x"), normal[float64](size, "dy")
		gamma, beta := normal[float64](c.affine.Groups, "gamma"), normal[float64](c.affine.Groups, "beta")
		stats, y := make([]float64, 2*c.l.Groups), make([]float64, size)
		frozen := append(normal[float64](c.l.Groups, "mean"), scaled(normal[float64](c.l.Groups, "variance"), 0.1, 2)...)
		for _, constant := range []bool{false, true} {
			name := fmt.Sprintf("%s, constant %v", c.name, constant)
			n := n
			n.Constant = constant
			loss := func() float64 {
				if constant {
					copy(stats, frozen)
				} else {
					Moments(stats, x, c.l)
				}
				Normalize(n, y, x, stats, gamma, beta)
				return dot(y, dy)
			}
			loss()
			dx, sums := make([]float64, size), make([]float64, 2*c.affine.Groups)
			NormalizeSums(n, sums, x, stats, gamma, beta, dy)
			NormalizeBackward(n, dx, x, stats, gamma, beta, dy, sums)
			differences(t, name+": dx", x, dx, loss)
			differences(t, name+": dbeta", beta, sums[:c.affine.Groups], loss)
			differences(t, name+": dgamma", gamma, sums[c.affine.Groups:], loss)

			loss()
			inPlace := append([]float64{}, dy...)
			NormalizeBackward(n, inPlace, x, stats, gamma, beta, inPlace, sums)
			near(t, name+": dx in place of dy", inPlace, dx, 0)

			ones := scaled(gamma, 0, 1)
			NormalizeBackward(n, dx, x, stats, ones, beta, dy, sums)
			NormalizeBackward(n, inPlace, x, stats, nil, beta, dy, sums)
			near(t, name+": nil gamma", inPlace, dx, 0)
		}
	}
}

// float32 follows float64, which finite differences checked, at every level of
// instructions and with or without a ReLU.
func TestNormalizeFloat32(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range layouts {
			for _, relu := range []bool{false, true} {
				name := fmt.Sprintf("%s, ReLU %v", c.name, relu)
				size, n := c.l.size(), Norm{Of: c.l, Affine: c.affine, Eps: 0.1, ReLU: relu}
				x, dy := normal[float32](size, "x"), normal[float32](size, "dy")
				gamma, beta := normal[float32](c.affine.Groups, "gamma"), normal[float32](c.affine.Groups, "beta")
				stats, sums := make([]float32, 2*c.l.Groups), make([]float32, 2*c.affine.Groups)
				y, dx := make([]float32, size), make([]float32, size)
				Moments(stats, x, c.l)
				Normalize(n, y, x, stats, gamma, beta)
				NormalizeSums(n, sums, x, stats, gamma, beta, dy)
				NormalizeBackward(n, dx, x, stats, gamma, beta, dy, sums)

				x64, stats64, gamma64, beta64 := wide(x), wide(stats), wide(gamma), wide(beta)
				want, wantSums, wantGrad := make([]float64, size), make([]float64, 2*c.affine.Groups), make([]float64, size)
				Normalize(n, want, x64, stats64, gamma64, beta64)
				NormalizeSums(n, wantSums, x64, stats64, gamma64, beta64, wide(dy))
				NormalizeBackward(n, wantGrad, x64, stats64, gamma64, beta64, wide(dy), wantSums)
				near(t, name+": y", y, want, 5*rounding[float32]())
				// Partial sums in float32 reach some hundred in some hundred steps, each
				// rounded by up to 4e-6, up or down.
				near(t, name+": sums", sums, wantSums, 1e-4)
				// Terms up to 5 in a sum of three products.
				near(t, name+": dx", dx, wantGrad, 1e-5)
			}
		}
	})
}

func wide(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestNormalizeAllocatesNothing(t *testing.T) {
	for _, c := range layouts[:7] {
		n := Norm{Of: c.l, Affine: c.affine, Eps: 0.1}
		x, gamma := normal[float32](c.l.size(), "x"), normal[float32](c.affine.Groups, "gamma")
		stats, sums := make([]float32, 2*c.l.Groups), make([]float32, 2*c.affine.Groups)
		y := make([]float32, len(x))
		if k := testing.AllocsPerRun(20, func() {
			Moments(stats, x, c.l)
			Normalize(n, y, x, stats, gamma, gamma)
			NormalizeSums(n, sums, x, stats, gamma, gamma, y)
			NormalizeBackward(n, y, x, stats, gamma, gamma, y, sums)
		}); k >= 1 {
			t.Errorf("%s: %v allocations, want 0", c.name, k)
		}
	}
}

// In float64, as rounding to float32 would hide the order of a sum.
func TestNormIsTheSameOnAnyCPUs(t *testing.T) {
	for _, c := range layouts {
		size, n := c.l.size(), Norm{Of: c.l, Affine: c.affine, Eps: 1e-5}
		x, dy := normal[float64](size, "x"), normal[float64](size, "dy")
		gamma, beta := normal[float64](c.affine.Groups, "gamma"), normal[float64](c.affine.Groups, "beta")
		sameBits(t, c.name, func() []float64 {
			stats, sums := make([]float64, 2*c.l.Groups), make([]float64, 2*c.affine.Groups)
			y, dx := make([]float64, size), make([]float64, size)
			Moments(stats, x, c.l)
			Normalize(n, y, x, stats, gamma, beta)
			NormalizeSums(n, sums, x, stats, gamma, beta, dy)
			NormalizeBackward(n, dx, x, stats, gamma, beta, dy, sums)
			return append(append(append(stats, sums...), y...), dx...)
		})
	}
}

func TestMomentsKeepsNaNInItsGroup(t *testing.T) {
	for _, l := range []Layout{{4, 3, 5}, {20, 3, 1}, {1, 3, 20}} {
		x := normal[float32](l.size(), "x")
		x[l.Inner] = float32(math.NaN()) // in group 1
		stats := make([]float32, 6)
		Moments(stats, x, l)
		for i, v := range stats {
			if isNaN, want := v != v, i%3 == 1; isNaN != want {
				t.Errorf("%v: statistic %d is %v, want NaN %v", l, i, v, want)
			}
		}
	}
}
