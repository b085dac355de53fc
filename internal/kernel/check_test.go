package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// scaled returns a·x+b.
func scaled[T Float](x []T, a, b float64) []T {
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(a*float64(v) + b)
	}
	return y
}

// rounding is the tolerance for a handful of roundings to T.
func rounding[T Float]() float64 { return 16 * epsilon[T]() }

// near fails unless got is want within tol of max(1, |want|). NaN and infinities
// must agree exactly.
func near[T Float](t *testing.T, name string, got []T, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d elements, want %d", name, len(got), len(want))
	}
	for i, w := range want {
		g := float64(got[i])
		same := g == w || math.IsNaN(g) && math.IsNaN(w)
		if !same && !(math.Abs(g-w) <= tol*max(1, math.Abs(w))) || math.IsInf(w, 0) && g != w {
			t.Fatalf("%s: element %d of %T: got %v, want %v ± %g", name, i, got, g, w, tol)
		}
	}
}

// sameBits fails unless f computes the same bits on one thread and on four.
func sameBits[T Float](t *testing.T, name string, f func() []T) {
	t.Helper()
	defer pool.SetThreads(pool.Threads())
	pool.SetThreads(1)
	one := f()
	pool.SetThreads(4)
	for range 3 {
		for i, v := range f() {
			if math.Float64bits(float64(v)) != math.Float64bits(float64(one[i])) {
				t.Fatalf("%s: element %d is %v on one thread, %v on four", name, i, one[i], v)
			}
		}
	}
}

// differences fails unless grad is the gradient of loss at x by central
// differences. With h = 1e-5 their truncation is of order 1e-10 and rounding of
// the loss adds some 1e-10 per unit of loss, hence the tolerance of 1e-6.
func differences(t *testing.T, name string, x, grad []float64, loss func() float64) {
	t.Helper()
	const h = 1e-5
	want := make([]float64, len(x))
	for i, v := range x {
		x[i] = v + h
		up := loss()
		x[i] = v - h
		down := loss()
		x[i] = v
		want[i] = (up - down) / (2 * h)
	}
	near(t, name, grad, want, 1e-6)
}

func dot(x, y []float64) float64 {
	var s float64
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}

// eachIndex calls f with every index of a shape in order, and its position.
func eachIndex(shape []int, f func(e int, index []int)) {
	index := make([]int, len(shape))
	for e := range volume(shape) {
		rest := e
		for k := len(shape) - 1; k >= 0; k-- {
			index[k] = rest % shape[k]
			rest /= shape[k]
		}
		f(e, index)
	}
}

// at returns the position in an operand of a shape, aligned at the right and
// broadcast, of an index of the result.
func at(index, shape []int) int {
	pos := 0
	for k, n := range shape {
		i := index[len(index)-len(shape)+k]
		if n == 1 {
			i = 0
		}
		pos = pos*n + i
	}
	return pos
}

func TestEachIndexIsRowMajor(t *testing.T) {
	var got string
	eachIndex([]int{2, 2}, func(e int, index []int) { got += fmt.Sprint(e, index, at(index, []int{2, 1})) })
	if want := "0 [0 0] 01 [0 1] 02 [1 0] 13 [1 1] 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
