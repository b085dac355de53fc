package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
	"github.com/thinnet/thinnet/internal/philox"
)

// maskSums are pairs of masks, with those that drop nothing and all.
func maskSums() (out [][2]Mask) {
	for _, p := range [][2]float64{{0.3, 0.6}, {0, 0.4}, {0.4, 1}, {0, 1}} {
		a, b := NewMask(philox.KeyOf(1, "a"), 7, p[0]), NewMask(philox.KeyOf(1, "b"), 7, p[1])
		if a.Threshold == 0 {
			a.Scale = 0.75
		}
		out = append(out, [2]Mask{a, b})
	}
	return out
}

func testMaskSum[T Float](t *testing.T, n, c, s int) {
	for _, m := range maskSums() {
		name := fmt.Sprintf("%v and %v, %d×%d×%d", m[0].Threshold, m[1].Threshold, n, c, s)
		x, f := normal[T](n*c*s, "x"), normal[T](n*c*s, "f")
		want := make([]float64, len(x))
		for e := range x {
			if e%13 == 5 && !keeps(m[0], e) {
				x[e] = T(math.NaN())
			}
			var a, b T
			if keeps(m[0], e) {
				a = x[e] * T(m[0].Scale)
			}
			if keeps(m[1], e) {
				b = f[e] * T(m[1].Scale)
			}
			want[e] = float64(a + b)
		}
		y, back := make([]T, len(x)), make([]T, len(x))
		MaskSum(m[0], m[1], y, x, f)
		near(t, "MaskSum, "+name, y, want, 0)
		xLast, fLast := make([]T, len(x)), make([]T, len(x))
		ToLast(xLast, x, n, c, s)
		ToLast(fLast, f, n, c, s)
		MaskSumLast(m[0], m[1], y, xLast, fLast, n, c, s)
		ToFirst(back, y, n, c, s)
		near(t, "MaskSumLast, "+name, back, want, 0)
		MaskSumLast(m[0], m[1], fLast, xLast, fLast, n, c, s)
		ToFirst(back, fLast, n, c, s)
		near(t, "MaskSumLast in place of the second, "+name, back, want, 0)
		MaskSum(m[0], m[1], x, x, f)
		near(t, "MaskSum in place, "+name, x, want, 0)
	}
}

func testMaskShift[T Float](t *testing.T, p float64, n, c, s int) {
	m := NewMask(philox.KeyOf(1, "drop"), 7, p)
	m.Scale *= 0.8
	const gap, base = 1.5, -0.75
	name := fmt.Sprintf("p = %v, %d×%d×%d", p, n, c, s)
	x := normal[T](n*c*s, "x")
	want := make([]float64, len(x))
	for e := range x {
		if e%13 == 5 && !keeps(m, e) {
			x[e] = T(math.NaN())
		}
		switch {
		case p == 0:
			want[e] = float64(x[e])
		case p == 1:
		case keeps(m, e):
			want[e] = float64(T(x[e]*T(m.Scale)) + gap + base)
		default:
			want[e] = base
		}
	}
	y, last, back := make([]T, len(x)), make([]T, len(x)), make([]T, len(x))
	MaskShift(m, gap, base, y, x)
	near(t, "MaskShift, "+name, y, want, 0)
	ToLast(last, x, n, c, s)
	MaskShiftLast(m, gap, base, last, last, n, c, s)
	ToFirst(back, last, n, c, s)
	near(t, "MaskShiftLast, "+name, back, want, 0)
	MaskShift(m, gap, base, x, x)
	near(t, "MaskShift in place, "+name, x, want, 0)
}

func TestMaskSumAndShift(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		for _, shape := range [][3]int{{0, 2, 3}, {1, 1, 9}, {2, 3, 5}, {3, 10, 49}, {2, 64, 64}, {2, 65, 67}, {1, 3, 40000}} {
			testMaskSum[float32](t, shape[0], shape[1], shape[2])
			for _, p := range []float64{0, 0.3, 1} {
				testMaskShift[float32](t, p, shape[0], shape[1], shape[2])
			}
		}
		testMaskSum[float64](t, 3, 10, 49)
		testMaskShift[float64](t, 0.3, 3, 10, 49)
	})
	m, x := maskSums()[0], normal[float32](7*65*131, "x")
	for name, f := range map[string]func(y []float32){
		"MaskSum":       func(y []float32) { MaskSum(m[0], m[1], y, x, x) },
		"MaskSumLast":   func(y []float32) { MaskSumLast(m[0], m[1], y, x, x, 7, 65, 131) },
		"MaskShift":     func(y []float32) { MaskShift(m[0], 1, 2, y, x) },
		"MaskShiftLast": func(y []float32) { MaskShiftLast(m[0], 1, 2, y, x, 7, 65, 131) },
	} {
		sameBits(t, name, func() []float32 {
			y := make([]float32, len(x))
			f(y)
			return y
		})
	}
}

func FuzzMaskSumAndShift(f *testing.F) {
	f.Add(uint8(2), uint8(33), uint8(100))
	f.Fuzz(func(t *testing.T, n, c, s uint8) {
		kerneltest.EachLevel(t, func(t *testing.T) {
			testMaskSum[float32](t, int(n%4), int(c), int(s))
			testMaskShift[float32](t, 0.4, int(n%4), int(c), int(s))
		})
	})
}

func TestMaskShiftBroadcast(t *testing.T) {
	shape := []int{6, 5, 4, 3}
	for drawn := range 1 << len(shape) {
		noise := []int{1, 1, 1, 1}
		for k := range noise {
			if drawn>>k&1 == 1 {
				noise[k] = shape[k]
			}
		}
		cells := make([]float32, volume(noise))
		MaskCells(NewMask(philox.KeyOf(1, "drop"), 5, 0.4), cells)
		x := normal[float32](volume(shape), "x")
		want := make([]float64, len(x))
		eachIndex(shape, func(e int, index []int) {
			k := at(index, noise)
			if cells[k] == 0 {
				x[e] = float32(math.Inf(1))
				want[e] = -0.5
				return
			}
			want[e] = float64(float32(x[e]*cells[k]) + 0.25)
		})
		y := make([]float32, len(x))
		MaskShiftBroadcast(y, x, cells, 0.25, -0.5, shape, noise)
		near(t, fmt.Sprintf("%v over %v", noise, shape), y, want, 0)
		if noise[0] == 6 && noise[1] == 5 && noise[2] == 1 && noise[3] == 1 {
			last, back := make([]float32, len(x)), make([]float32, len(x))
			ToLast(last, x, 6, 5, 12)
			MaskShiftBroadcastLast(last, last, cells, 0.25, -0.5, 6, 5, 12)
			ToFirst(back, last, 6, 5, 12)
			near(t, "MaskShiftBroadcastLast", back, want, 0)
		}
	}
}
