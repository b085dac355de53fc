package kernel

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/philox"
)

// testMaskLast compares the masks of channels-last memory with those of the same
// tensor in the other order.
func testMaskLast[T Float](t *testing.T, p float64, n, c, s int) {
	m := NewMask(philox.KeyOf(1, "drop"), 7, p)
	name := fmt.Sprintf("p = %v, %d×%d×%d", p, n, c, s)
	x := normal[T](n*c*s, "x")
	for i := range x {
		if i%11 == 3 {
			x[i] = T(math.NaN())
		}
	}
	first, want := make([]T, len(x)), make([]T, len(x))
	last, y := make([]T, len(x)), make([]T, len(x))
	ToLast(last, x, n, c, s)

	MaskApply(m, first, x)
	ToLast(want, first, n, c, s)
	MaskApplyLast(m, y, last, n, c, s)
	near(t, "MaskApplyLast, "+name, y, widened(want), 0)

	cells := make([]T, n*c)
	MaskCells(m, cells)
	MaskBroadcast(first, x, cells, []int{n, c, s}, []int{n, c, 1})
	ToLast(want, first, n, c, s)
	MaskBroadcastLast(y, last, cells, n, c, s)
	near(t, "MaskBroadcastLast, "+name, y, widened(want), 0)

	copy(y, last)
	MaskBroadcastLast(y, y, cells, n, c, s)
	MaskApplyLast(m, y, y, n, c, s)
	MaskApply(m, first, first)
	ToLast(want, first, n, c, s)
	near(t, "both in place, "+name, y, widened(want), 0)
}

func TestMaskLast(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, c := range []int{1, 2, 3, 10, 32, 63, 64, 65, 96, 130} {
			for _, s := range []int{1, 5, 49, 64, 67, 200} {
				testMaskLast[float32](t, 0.3, 3, c, s)
			}
		}
		for _, p := range []float64{0, 1} {
			testMaskLast[float32](t, p, 2, 5, 7)
		}
		testMaskLast[float64](t, 0.3, 3, 70, 67)
		testMaskLast[float32](t, 0.3, 1, 2, 40000)
		testMaskLast[float32](t, 0.3, 1, 20000, 3)
		testMaskLast[float32](t, 0.3, 0, 2, 3)
	})
	m, x := NewMask(philox.KeyOf(1, "drop"), 0, 0.5), normal[float32](7*65*131, "x")
	sameBits(t, "MaskApplyLast", func() []float32 {
		y := make([]float32, len(x))
		MaskApplyLast(m, y, x, 7, 65, 131)
		return y
	})
}

func FuzzMaskLast(f *testing.F) {
	f.Add(uint8(2), uint8(33), uint8(100))
	f.Fuzz(func(t *testing.T, n, c, s uint8) {
		kerneltest.EachLevel(t, func(t *testing.T) { testMaskLast[float32](t, 0.4, int(n%4), int(c), int(s)) })
	})
}

// BenchmarkDropout sets the masks beside a copy of the same 16 MiB by as many
// threads: what a dropout that does nothing would take. Beyond that lies the cost
// of the draws.
func BenchmarkDropout(b *testing.B) {
	defer pool.SetThreads(pool.Threads())
	pool.SetThreads(2)
	const n, c, s = 64, 64, 1024
	x, y := benchData(n*c*s), make([]float32, n*c*s)
	m := NewMask(philox.KeyOf(1, "drop"), 0, 0.5)
	k := make([]float32, n*c)
	MaskCells(m, k)
	besideCopy(b, x, y, map[string]func(){
		"elements":      func() { MaskApply(m, y, x) },
		"normal":        func() { NormalApply(Normal{m.Key, 0, 1, true}, y, x) },
		"elements_last": func() { MaskApplyLast(m, y, x, n, c, s) },
		"maps":          func() { MaskBroadcast(y, x, k, []int{n, c, s}, []int{n, c, 1}) },
		"maps_last":     func() { MaskBroadcastLast(y, x, k, n, c, s) },
	})
}

// besideCopy runs functions in turn with a copy of x to y, and reports the least
// time of each over that of the copy: what else the machine does then meets both.
func besideCopy(b *testing.B, x, y []float32, fs map[string]func()) {
	for _, name := range slices.Sorted(maps.Keys(fs)) {
		b.Run(name, func(b *testing.B) {
			least := func(old, now time.Duration) time.Duration {
				if old == 0 {
					return now
				}
				return min(old, now)
			}
			var plain, f time.Duration
			for b.Loop() {
				start := time.Now()
				Copy(y, x)
				middle := time.Now()
				fs[name]()
				plain, f = least(plain, middle.Sub(start)), least(f, time.Since(middle))
			}
			b.ReportMetric(float64(f)/float64(plain), "x-copy")
			b.ReportMetric(float64(f.Nanoseconds()), "least-ns")
		})
	}
}
