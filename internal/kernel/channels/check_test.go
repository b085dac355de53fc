package channels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// shapes have every remainder of the vectors, and more rows or columns than one
// call takes.
func shapes() (s [][2]int) {
	for c := 1; c <= 70; c++ {
		s = append(s, [2]int{1 + c*7%23, c})
	}
	for _, rows := range []int{1, 2, 3, 4, 7, 8, 9, 17, 40} {
		s = append(s, [2]int{rows, 3}, [2]int{rows, 127}, [2]int{rows, 128}, [2]int{rows, 131}, [2]int{rows, 300})
	}
	return append(s, [2]int{5003, 20}, [2]int{9000, 7}, [2]int{300, 512}, [2]int{3, 40001}, [2]int{70001, 1})
}

// grid returns n multiples of step between -limit and limit, shifted by off. With
// few bits to each number, products and sums are exact in float32, in any order.
func grid(r *rand.Rand, n int, step, limit, off float64) []float32 {
	x := make([]float32, n)
	k := int(limit / step)
	for i := range x {
		x[i] = float32(float64(r.IntN(2*k+1)-k)*step + off)
	}
	return x
}

// A sample is arguments for the kernels, for a matrix of rows by c.
type sample struct {
	rows, c   int
	x, dy     []float32
	cols, row Gradient // coefficients of columns and of rows
}

func newSample(rows, c int, seed uint64) *sample {
	r := rand.New(rand.NewPCG(seed, uint64(rows<<32|c)))
	s := &sample{rows: rows, c: c}
	off := int(seed % 5) // vectors don't start at their boundaries
	s.x = grid(r, rows*c+off, 1./8, 4, 0)[off:]
	s.dy = grid(r, rows*c+off, 1./8, 4, 0)[off:]
	for _, k := range []struct {
		g *Gradient
		n int
	}{{&s.cols, c}, {&s.row, rows}} {
		// No sum of the other terms is b, so no output is 0.
		k.g.Map = Map{grid(r, k.n, 1./8, 2, 0), grid(r, k.n, 1./4, 2, 0), grid(r, k.n, 1./32, 2, 1./64)}
		k.g.P, k.g.Q = grid(r, k.n, 1./4, 2, 0), grid(r, k.n, 1./8, 2, 0)
	}
	return s
}

const guard = 12345.25

// run calls f with an output of n elements and fails if f writes around it.
func run(t *testing.T, name string, n int, f func(y []float32)) []float32 {
	t.Helper()
	const around = 40
	all := make([]float32, n+2*around)
	for i := range all {
		all[i] = guard
	}
	y := all[around+1 : around+1+n : around+1+n]
	f(y)
	for i, v := range all {
		if (i <= around || i > around+n) && v != guard {
			t.Fatalf("%s wrote outside of its %d elements, at %d", name, n, i-around-1)
		}
	}
	return slices.Clone(y)
}

// close fails unless got is want within tol of max(1, |want|).
func closeTo(t *testing.T, name string, s *sample, got []float32, want []float64, tol float64) {
	t.Helper()
	for i, w := range want {
		g := float64(got[i])
		if !(math.Abs(g-w) <= tol*max(1, math.Abs(w))) {
			t.Fatalf("%s of %d by %d: element %d is %v, want %v ± %g", name, s.rows, s.c, i, g, w, tol)
		}
	}
}
