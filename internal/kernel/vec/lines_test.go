package vec

import (
	"fmt"
	"testing"
)

func testLines(t *testing.T, rows, cols int) {
	n := rows * cols
	x, k, s := mixed(n, uint64(n)), mixed(rows, uint64(cols)), mixed(rows, 7)
	for i := range k {
		if i%3 == 1 {
			k[i] = 0
		}
	}
	for _, c := range []struct {
		name string
		f    func(y, x []float32)
	}{
		{"MulLines", func(y, x []float32) { MulLines(y, x, k, rows, cols) }},
		{"MulAddLines", func(y, x []float32) { MulAddLines(y, x, k, s, rows, cols) }},
	} {
		name := fmt.Sprintf("%s, %d×%d", c.name, rows, cols)
		want := make([]float32, n)
		inGo(func() { c.f(want, x) })
		y, check := guarded(t, n, cols%4)
		c.f(y, x)
		compare(t, name, y, want, same)
		check(name)
		in := append([]float32{}, x...)
		c.f(in, in)
		compare(t, name+", in place", in, want, same)
	}
	name := fmt.Sprintf("MaxLines, %d×%d", rows, cols)
	want := make([]float32, rows)
	inGo(func() { MaxLines(want, x, cols) })
	y, check := guarded(t, rows, cols%4)
	MaxLines(y, x, cols)
	for i, v := range y {
		if v != want[i] {
			t.Fatalf("%s: row %d is %v, want %v", name, i, v, want[i])
		}
	}
	check(name)
	// Whole numbers, whose sums are exact in any order.
	for i := range x {
		x[i] = float32(i*7919%2048 - 1000)
	}
	sums := make([]float64, rows+1)
	sums[rows] = 7
	SumLines(sums[:rows], x, cols)
	for i, got := range sums {
		want := 7.0
		if i < rows {
			want = Sum(x[i*cols:][:cols])
		}
		if got != want {
			t.Fatalf("SumLines of %d×%d: row %d is %v, want %v", rows, cols, i, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for cols := 0; cols < 100; cols++ {
			for _, rows := range []int{0, 1, 2, 5, 65} {
				testLines(t, rows, cols)
			}
		}
		testLines(t, 3, chunk+5)
		testLines(t, 3, chunk)
		testLines(t, chunk+5, 3)
	})
}

func FuzzLines(f *testing.F) {
	f.Add(uint8(65), uint16(3))
	f.Fuzz(func(t *testing.T, rows uint8, cols uint16) {
		eachLevel(t, func(t *testing.T) { testLines(t, int(rows), int(cols%300)) })
	})
}

// The cells of a row whose factor is 0 are 0, and are what is added, even for NaN.
func TestLinesDropNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		x := mixed(20, 1)
		nan := float32(0)
		nan /= nan
		for i := range x {
			x[i] = nan
		}
		y := make([]float32, 20)
		MulLines(y, x, []float32{0, 0}, 2, 10)
		compare(t, "MulLines", y, make([]float32, 20), same)
		MulAddLines(y, x, []float32{0, 0}, []float32{0, 0}, 2, 10)
		compare(t, "MulAddLines", y, make([]float32, 20), same)
	})
}
