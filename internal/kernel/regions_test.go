package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

func testFocus[T Float](t *testing.T, mu float64, n, c, s int) {
	x := normal[T](n*c*s, "x")
	if len(x) > 3 {
		x[len(x)/3] = T(math.NaN())
	}
	want, k, last := make([]T, n*s), make([]T, n*s), make([]T, len(x))
	for i := range n {
		sums := make([]float64, c)
		for e := range c * s {
			sums[e/s] += float64(x[i*c*s+e])
		}
		channel := x[(i*c+largest(sums))*s:][:s]
		top := T(0)
		for _, v := range channel {
			if v > top {
				top = v
			}
		}
		for p, v := range channel {
			if want[i*s+p] = 1; v <= T(mu)*top && top > 0 {
				want[i*s+p] = 0
			}
		}
	}
	name := fmt.Sprintf("Focus, %d×%d×%d", n, c, s)
	Focus(k, x, mu, n, c, s, false)
	near(t, name, k, widened(want), 0)
	ToLast(last, x, n, c, s)
	Focus(k, last, mu, n, c, s, true)
	near(t, name+" last", k, widened(want), 0)
}

func TestFocus(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range []int{1, 2, 33, 70} {
			for _, s := range []int{1, 5, 64, 100} {
				testFocus[float32](t, 0.4, 3, c, s)
				testFocus[float64](t, 0.4, 2, c, s)
			}
		}
		testFocus[float32](t, 0.4, 0, 2, 3)
	})
	x := normal[float32](9*33*200, "x")
	sameBits(t, "Focus", func() []float32 {
		k := make([]float32, 9*200)
		Focus(k, x, 0.5, 9, 33, 200, true)
		return k
	})
}

// However odd the scores, as many channels as asked for are selected, or all, and
// what is kept adds up to the whole.
func testSelect[T Float](t *testing.T, scores []T, n, c, m int) {
	k := make([]T, n*c)
	SelectChannels(k, scores, philox.KeyOf(3, "drop"), 4, n, c, m, 0)
	for i := range n {
		k, scores := k[i*c:][:c], scores[i*c:][:c]
		kept, total, all := 0, 0.0, 0.0
		for e, f := range k {
			if f != 0 {
				kept++
				total += float64(f) * max(0, float64(scores[e]))
			}
			all += max(0, float64(scores[e]))
		}
		switch {
		case !(all > 0) || all > math.MaxFloat64:
			if slices.ContainsFunc(k, func(f T) bool { return f != 1 }) {
				t.Errorf("factors of %v are %v, want ones", scores, k)
			}
		case kept != m:
			t.Errorf("%d of %d channels of scores %v are selected, want %d", kept, c, scores, m)
		case math.Abs(total-all) > 1e-5*all:
			t.Errorf("scores %v add up to %v after selection, want %v", scores, total, all)
		}
	}
}

func TestSelectChannels(t *testing.T) {
	for _, c := range []int{1, 2, 7, 64, 300} {
		for _, m := range []int{1, (c + 1) / 2, c} {
			scores := normal[float32](40*c, "scores")
			testSelect(t, scores, 40, c, m)
			for i := range scores {
				scores[i] = float32(i%4) / 2 // equal ones, and zeros
			}
			testSelect(t, scores, 40, c, m)
			testSelect(t, make([]float64, 3*c), 3, c, m)
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	testSelect(t, []float64{1, nan, 2, -inf, 3, 4, inf, 5}, 2, 4, 2)
	testSelect(t, []float64{1e-300, 1, 1e300, 0}, 1, 4, 3)
	scores := normal[float32](300*40, "scores")
	sameBits(t, "SelectChannels", func() []float32 {
		k := make([]float32, len(scores))
		SelectChannels(k, scores, philox.KeyOf(3, "drop"), 4, 300, 40, 11, 0.2)
		return k
	})
}

func FuzzRegions(f *testing.F) {
	f.Add(uint8(3), uint8(5), uint8(9), uint8(2), 0.3)
	f.Fuzz(func(t *testing.T, n, c, s, m uint8, mu float64) {
		channels := 1 + int(c)
		if mu >= 0 && mu <= 1 {
			kerneltest.EachLevel(t, func(t *testing.T) { testFocus[float32](t, mu, int(n%5), channels, 1+int(s)) })
		}
		testSelect(t, normal[float32](int(n)*channels, "scores"), int(n), channels, 1+int(m)%channels)
		k := make([]float32, int(n)*channels*(1+int(s)))
		Squares(k, philox.KeyOf(1, "cut"), 3, int(n), channels, 1+int(s), 1+int(m), 0.5)
		for i, v := range k {
			if v != 0 && v != 1 {
				t.Fatalf("factor %d is %v, want 0 or 1", i, v)
			}
		}
	})
}

func TestNth(t *testing.T) {
	r := rand.New(philox.NewSource(philox.KeyOf(1, "nth"), 0))
	for range 2000 {
		x := make([]float64, 1+r.IntN(70))
		for i := range x {
			x[i] = float64(r.IntN(1 + r.IntN(100))) // some are equal
		}
		if r.IntN(3) == 0 {
			x[r.IntN(len(x))] = math.Inf(-1)
		}
		want := slices.Sorted(slices.Values(x))
		n := r.IntN(len(x))
		if got := nth(slices.Clone(x), n); got != want[n] {
			t.Fatalf("nth(%v, %d) = %v, want %v", x, n, got, want[n])
		}
	}
}
