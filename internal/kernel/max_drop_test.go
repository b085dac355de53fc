package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

func testMaxDrop[T Float](t *testing.T, p float64, n, c, s int, across bool) {
	m := NewMask(philox.KeyOf(1, "drop"), 3, p)
	x, src := normal[T](n*c*s, "x"), normal[T](n*c*s, "src")
	for i := range x {
		if x[i] = T(math.Round(float64(x[i]) * 2)); i%7 == 2 { // with equals
			x[i] = T(math.NaN())
		}
	}
	want := widened(src)
	lines, length := n*c, s
	if across {
		lines, length = n*s, c
	}
	for line := range lines {
		at := func(i int) int { return line*s + i }
		if across {
			at = func(i int) int { return (line/s*c+i)*s + line%s }
		}
		top := -1
		for i := range length {
			if e := at(i); x[e] == x[e] && (top < 0 || x[e] > x[top]) {
				top = e
			}
		}
		if top >= 0 && !keeps(m, line) {
			want[top] = 0
		}
	}
	name := fmt.Sprintf("p = %v, %d×%d×%d, across %v", p, n, c, s, across)
	y, back := make([]T, len(x)), make([]T, len(x))
	MaxDrop(Maxima{n, c, s, across, false}, m, y, src, x)
	near(t, "MaxDrop, "+name, y, want, 0)
	lastX, lastSrc := make([]T, len(x)), make([]T, len(x))
	ToLast(lastX, x, n, c, s)
	ToLast(lastSrc, src, n, c, s)
	MaxDrop(Maxima{n, c, s, across, true}, m, lastSrc, lastSrc, lastX)
	ToFirst(back, lastSrc, n, c, s)
	near(t, "MaxDrop last in place, "+name, back, want, 0)
}

func TestMaxDrop(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, across := range []bool{false, true} {
			for _, c := range []int{1, 2, 33, 70} {
				for _, s := range []int{1, 5, 64, 100} {
					testMaxDrop[float32](t, 0.4, 3, c, s, across)
				}
			}
			for _, p := range []float64{0, 0.5, 1} {
				testMaxDrop[float64](t, p, 2, 5, 7, across)
				testMaxDrop[float32](t, p, 0, 5, 7, across)
			}
		}
	})
	x := normal[float32](9*33*200, "x")
	sameBits(t, "MaxDrop", func() []float32 {
		y := make([]float32, len(x))
		MaxDrop(Maxima{9, 33, 200, false, true}, NewMask(philox.KeyOf(1, "drop"), 0, 0.5), y, x, x)
		return y
	})
}

func FuzzMaxDrop(f *testing.F) {
	f.Add(uint8(2), uint8(33), uint8(100), true)
	f.Fuzz(func(t *testing.T, n, c, s uint8, across bool) {
		testMaxDrop[float32](t, 0.4, int(n%4), 1+int(c), 1+int(s), across)
	})
}
