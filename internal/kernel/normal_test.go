package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

func testNormalLast[T Float](t *testing.T, n, c, s int) {
	for _, mul := range []bool{false, true} {
		m := Normal{philox.KeyOf(1, "noise"), 7, 0.6, mul}
		x := normal[T](n*c*s, "x")
		first, want := make([]T, len(x)), make([]T, len(x))
		last, y := make([]T, len(x)), make([]T, len(x))
		ToLast(last, x, n, c, s)
		NormalApply(m, first, x)
		ToLast(want, first, n, c, s)
		NormalApplyLast(m, y, last, n, c, s)
		near(t, fmt.Sprintf("mul %v, %d×%d×%d", mul, n, c, s), y, widened(want), 0)
		NormalApplyLast(m, last, last, n, c, s)
		near(t, fmt.Sprintf("in place, mul %v, %d×%d×%d", mul, n, c, s), last, widened(want), 0)
	}
}

func TestNormalLast(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range []int{1, 2, 3, 10, 64, 65, 130} {
			for _, s := range []int{1, 5, 49, 64, 67, 72, 200} {
				testNormalLast[float32](t, 3, c, s)
			}
		}
		testNormalLast[float64](t, 3, 70, 67)
		testNormalLast[float32](t, 0, 2, 3)
	})
	m, x := Normal{philox.KeyOf(1, "noise"), 0, 1, true}, normal[float32](7*65*131, "x")
	sameBits(t, "NormalApply", func() []float32 {
		y := make([]float32, len(x))
		NormalApply(m, y, x)
		return y
	})
	sameBits(t, "NormalApplyLast", func() []float32 {
		y := make([]float32, len(x))
		NormalApplyLast(m, y, x, 7, 65, 131)
		return y
	})
}

func FuzzNormalLast(f *testing.F) {
	f.Add(uint8(2), uint8(33), uint8(100))
	f.Fuzz(func(t *testing.T, n, c, s uint8) {
		kerneltest.EachLevel(t, func(t *testing.T) { testNormalLast[float32](t, int(n%4), int(c), int(s)) })
	})
}

// What is added has mean 0 and the variance asked for, and neighbours are independent.
func TestNormalStatistics(t *testing.T) {
	const n, scale = 1_000_000, 0.5
	z := make([]float64, n)
	NormalApply(Normal{philox.KeyOf(1, "noise"), 3, scale, false}, z, z)
	var sum, squares, cubes, fourth, beyond, lag float64
	for i, v := range z {
		v /= scale
		sum += v
		squares += v * v
		cubes += v * v * v
		fourth += v * v * v * v
		if math.Abs(v) > 2 {
			beyond++
		}
		if i > 0 {
			lag += v * z[i-1] / scale
		}
	}
	for _, c := range []struct {
		what                string
		got, want, variance float64 // of one number
	}{
		{"mean", sum / n, 0, 1},
		{"variance", squares / n, 1, 2},
		{"third moment", cubes / n, 0, 15},
		{"fourth moment", fourth / n, 3, 96},
		{"part beyond 2", beyond / n, 0.0455, 0.0455 * 0.9545},
		{"covariance of neighbours", lag / n, 0, 1},
	} {
		if tolerance := 4 * math.Sqrt(c.variance/n); math.Abs(c.got-c.want) > tolerance {
			t.Errorf("%s: got %v, want %v, tolerance %v", c.what, c.got, c.want, tolerance)
		}
	}
}
