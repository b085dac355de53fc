package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

func TestNewMask(t *testing.T) {
	for _, c := range []struct {
		p, scale  float64
		threshold uint32
	}{
		{0, 1, 0},
		{0.5, 2, 32768},
		{0.25, 4. / 3, 16384},
		{0.2, 65536. / (65536 - 13107), 13107}, // 0.2·65536 = 13107.2
		{0.3, 65536. / (65536 - 19661), 19661}, // 0.3·65536 = 19660.8
		{1e-6, 1, 0},
		{0.999999, 0, 65536},
		{1, 0, 65536},
	} {
		m := NewMask(philox.Key{1, 2}, 3, c.p)
		if m.Threshold != c.threshold || math.Abs(m.Scale-c.scale) > 1e-12 {
			t.Errorf("p = %v: threshold %d, scale %v, want %d, %v", c.p, m.Threshold, m.Scale, c.threshold, c.scale)
		}
		if m.Key != (philox.Key{1, 2}) || m.Step != 3 {
			t.Errorf("p = %v: key %v, step %d, want [1 2], 3", c.p, m.Key, m.Step)
		}
	}
}

// keeps reads the bits of element e as the documentation of Mask says.
func keeps(m Mask, e int) bool {
	block := philox.Block(philox.At(m.Step, uint64(e)/8), m.Key)
	half := block[e%8/2]
	if e%2 == 1 {
		half >>= 16
	}
	return half&0xffff >= m.Threshold
}

func testMaskApply[T Float](t *testing.T) {
	for _, p := range []float64{0, 0.1, 0.5, 0.9, 1} {
		m := NewMask(philox.KeyOf(1, "drop"), 1<<40, p)
		for _, n := range []int{0, 1, 7, 8, 9, 100, several} {
			x, y := normal[T](n, "x"), make([]T, n)
			want := make([]float64, n)
			for e, v := range x {
				if keeps(m, e) {
					want[e] = float64(v * T(m.Scale))
				}
			}
			MaskApply(m, y, x)
			near(t, fmt.Sprintf("MaskApply, p = %v, %d elements", p, n), y, want, 0)
			copy(y, x)
			MaskApply(m, y, y)
			near(t, fmt.Sprintf("in place, p = %v, %d elements", p, n), y, want, 0)
		}
	}
}

func TestMaskApply(t *testing.T) {
	testMaskApply[float32](t)
	testMaskApply[float64](t)
}

func testMaskDropsNaN[T Float](t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		x := scaled(make([]T, 1000), 0, 1)
		fill(x, T(v))
		for _, p := range []float64{0, 0.5, 1} {
			m := NewMask(philox.KeyOf(1, "drop"), 0, p)
			y, want := make([]T, len(x)), make([]float64, len(x))
			for e := range want {
				if keeps(m, e) {
					want[e] = v
				}
			}
			MaskApply(m, y, x)
			near(t, fmt.Sprintf("MaskApply to %v, p = %v", v, p), y, want, 0)

			cells := make([]T, len(x))
			MaskCells(m, cells)
			MaskBroadcast(y, x, cells, []int{10, 100}, []int{10, 100})
			near(t, fmt.Sprintf("MaskBroadcast to %v, p = %v", v, p), y, want, 0)
			MaskBroadcast(y, x, []T{0}, []int{10, 100}, []int{1, 1})
			near(t, fmt.Sprintf("one cell over %v", v), y, make([]float64, len(x)), 0)
		}
	}
}

func TestMaskDropsNaN(t *testing.T) {
	testMaskDropsNaN[float32](t)
	testMaskDropsNaN[float64](t)
}

func testMaskBroadcast[T Float](t *testing.T) {
	m := NewMask(philox.KeyOf(1, "drop"), 5, 0.4)
	shape := []int{6, 5, 4, 3}
	for drawn := range 1 << len(shape) {
		noise := []int{1, 1, 1, 1}
		for k := range noise {
			if drawn>>k&1 == 1 {
				noise[k] = shape[k]
			}
		}
		cells := make([]T, volume(noise))
		MaskCells(m, cells)
		x := normal[T](volume(shape), "x")
		y, want := make([]T, len(x)), make([]float64, len(x))
		eachIndex(shape, func(e int, index []int) {
			if keeps(m, at(index, noise)) {
				want[e] = float64(x[e] * T(m.Scale))
			}
		})
		MaskBroadcast(y, x, cells, shape, noise)
		near(t, fmt.Sprintf("%v over %v", noise, shape), y, want, 0)
	}
}

func TestMaskBroadcast(t *testing.T) {
	testMaskBroadcast[float32](t)
	testMaskBroadcast[float64](t)
}

// Four standard deviations: a right generator fails once in 16,000 streams, and
// the streams are fixed.
func TestMaskStatistics(t *testing.T) {
	const n = 1_000_000
	cells := make([]float64, n)
	for _, p := range []float64{0.05, 0.2, 0.5, 0.8} {
		m := NewMask(philox.KeyOf(1, fmt.Sprint("statistics", p)), 0, p)
		MaskCells(m, cells)
		var kept float64
		for e, v := range cells {
			if v != 0 {
				cells[e] = 1
				kept++
			}
		}
		q := 1 - p
		if rate, tol := kept/n, 4*math.Sqrt(p*q/n); math.Abs(rate-q) > tol {
			t.Errorf("p = %v: keeps %v, want %v ± %v", p, rate, q, tol)
		}
		for _, lag := range []int{1, 2, 8} {
			var covariance float64
			for e := range cells[lag:] {
				covariance += (cells[e] - q) * (cells[e+lag] - q)
			}
			if r, tol := covariance/(n*p*q), 4/math.Sqrt(n); math.Abs(r) > tol {
				t.Errorf("p = %v: correlation %v at a distance of %d, want 0 ± %v", p, r, lag, tol)
			}
		}
	}
}

func TestMaskStepsAndKeysDiffer(t *testing.T) {
	a := NewMask(philox.KeyOf(1, "a"), 0, 0.5)
	for _, b := range []Mask{NewMask(philox.KeyOf(1, "b"), 0, 0.5), NewMask(a.Key, 1, 0.5)} {
		x, y := make([]float32, 1000), make([]float32, 1000)
		MaskCells(a, x)
		MaskCells(b, y)
		equal := 0
		for e := range x {
			if x[e] == y[e] {
				equal++
			}
		}
		if equal < 437 || equal > 563 { // four standard deviations of 1000 coins
			t.Errorf("%+v and %+v agree on %d of 1000 elements, want 500 ± 63", a, b, equal)
		}
	}
}

func TestMaskIsTheSameOnAnyCPUs(t *testing.T) {
	m, x := NewMask(philox.KeyOf(1, "drop"), 0, 0.5), normal[float32](several, "x")
	sameBits(t, "MaskApply", func() []float32 {
		y := make([]float32, len(x))
		MaskApply(m, y, x)
		return y
	})
}
