package vec

import (
	"fmt"
	"math"
	"testing"
)

func testRows(t *testing.T, rows, cols int) {
	n := rows * cols
	x, k := mixed(n, uint64(n)), mixed(cols, uint64(cols))
	for _, c := range []struct {
		name string
		f    func(y, x, k []float32, rows, cols int)
	}{{"AddRows", AddRows[float32]}, {"MulRows", MulRows[float32]}} {
		name := fmt.Sprintf("%s, %d×%d", c.name, rows, cols)
		want := make([]float32, n)
		inGo(func() { c.f(want, x, k, rows, cols) })
		y, check := guarded(t, n, cols%4)
		c.f(y, x, k, rows, cols)
		compare(t, name, y, want, same)
		check(name)
		in := append([]float32{}, x...)
		c.f(in, in, k, rows, cols)
		compare(t, name+", in place", in, want, same)
	}
	// Whole numbers, whose sums are exact in any order.
	for i := range x {
		x[i] = float32(i*7919%2048 - 1000)
	}
	for width := max(0, cols-3); width <= cols; width++ {
		acc := make([]float64, width+1)
		for j := range acc {
			acc[j] = float64(j)
		}
		SumRows(acc[:width], x, rows, cols)
		for j, got := range acc {
			want := float64(j)
			for i := 0; i < rows && j < width; i++ {
				want += float64(x[i*cols+j])
			}
			if got != want {
				t.Fatalf("SumRows of %d×%d: column %d of %d is %v, want %v", rows, cols, j, width, got, want)
			}
		}
	}
}

func TestRows(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for cols := 0; cols < 100; cols++ {
			for _, rows := range []int{0, 1, 2, 5, 65} {
				testRows(t, rows, cols)
			}
		}
		testRows(t, 3, chunk+5)
		testRows(t, chunk+5, 3)
	})
}

func FuzzRows(f *testing.F) {
	f.Add(uint8(65), uint16(3))
	f.Fuzz(func(t *testing.T, rows uint8, cols uint16) {
		eachLevel(t, func(t *testing.T) { testRows(t, int(rows), int(cols%300)) })
	})
}

func TestReductions(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, n := range lengths() {
			off := n % 5
			a, b := mixed(n+off, 3)[off:], make([]float32, n)
			most := math.Inf(-1)
			for i, v := range a {
				if float64(v) > most {
					most = float64(v)
				}
				a[i], b[i] = float32(i*7919%2048-1000), float32(i*104729%2048-1000)
			}
			if got := Max(mixed(n+off, 3)[off:]); got != most {
				t.Fatalf("Max of %d is %v, want %v", n, got, most)
			}
			var sum, squares, dot, abs float64
			for i, v := range a {
				sum += float64(v)
				abs += math.Abs(float64(v))
				squares += float64(v) * float64(v)
				dot += float64(v) * float64(b[i])
			}
			// Whole numbers: exact in any order.
			want := [4]float64{sum, abs, squares, dot}
			if got := [4]float64{Sum(a), SumAbs(a), SumSquares(a), Dot(a, b)}; got != want {
				t.Fatalf("Sum, SumAbs, SumSquares and Dot of %d: %v, want %v", n, got, want)
			}
		}
		for _, x := range [][]float32{{-3}, {-5, float32(math.NaN()), -2}, {float32(math.Inf(1)), 1}} {
			want := maxGo(x)
			if got := Max(x); got != want {
				t.Errorf("Max(%v) = %v, want %v", x, got, want)
			}
		}
	})
}
