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

// normal returns n draws from the standard normal distribution, the same ones
// for the same name.
func normal[T Float](n int, name string) []T {
	r := rand.New(philox.NewSource(philox.KeyOf(1, name), 0))
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

// epsilon is the distance from 1 to the next number of T.
func epsilon[T Float]() float64 {
	e := 1.0
	for T(1)+T(e/2) > 1 {
		e /= 2
	}
	return e
}

// naiveMatMul is the definition, in float64. It also returns Σ|a·b| for each
// element: no order of summing k products errs by more than k·ε times that.
func naiveMatMul[T Float](a, b []T, m, n, k int, transA, transB bool) (c, magnitude []float64) {
	c, magnitude = make([]float64, m*n), make([]float64, m*n)
	for i := range m {
		for j := range n {
			for l := range k {
				ai, bi := i*k+l, l*n+j
				if transA {
					ai = l*m + i
				}
				if transB {
					bi = j*k + l
				}
				p := float64(a[ai]) * float64(b[bi])
				c[i*n+j] += p
				magnitude[i*n+j] += math.Abs(p)
			}
		}
	}
	return c, magnitude
}

func testMatMul[T Float](t *testing.T) {
	for _, s := range [][3]int{
		{1, 1, 1}, {1, 1, 70}, {1, 9, 5}, {9, 1, 5}, {1, 9, 100}, {9, 1, 100}, {1, 5, 0}, {3, 4, 0}, {0, 3, 4}, {3, 0, 4},
		{2, 3, 4}, {5, 7, 63}, {5, 7, 64}, {5, 7, 65}, {33, 129, 17}, {64, 10, 128}, {32, 128, 128}, {35, 131, 137}, {3, 70, 1030},
	} {
		m, n, k := s[0], s[1], s[2]
		a, b, start := normal[T](m*k, "a"), normal[T](k*n, "b"), normal[T](m*n+1, "c")
		for mode := range 8 {
			transA, transB, accumulate := mode&1 != 0, mode&2 != 0, mode&4 != 0
			c := slices.Clone(start)
			MatMul(c, a, b, m, n, k, transA, transB, accumulate)
			if c[m*n] != start[m*n] {
				t.Errorf("m, n, k %v: wrote beyond c", s)
			}
			want, magnitude := naiveMatMul(a, b, m, n, k, transA, transB)
			for i := range want {
				if accumulate {
					want[i] += float64(start[i])
					magnitude[i] += math.Abs(float64(start[i]))
				}
				tolerance := float64(k+2) * epsilon[T]() * magnitude[i]
				if !(math.Abs(float64(c[i])-want[i]) <= tolerance) {
					t.Fatalf("m, n, k %v, transA %v, transB %v, accumulate %v: c[%d] is %v, want %v ± %.1g",
						s, transA, transB, accumulate, i, c[i], want[i], tolerance)
				}
			}
		}
	}
}

// defined is an element type that gonum does not know.
type defined float32

func TestMatMul(t *testing.T) {
	t.Run("float32", testMatMul[float32])
	t.Run("float64", testMatMul[float64])
	t.Run("defined", testMatMul[defined])
}

// TestMatMulKnown is worked by hand.
func TestMatMulKnown(t *testing.T) {
	a, b := []float32{1, 2, 3, 4, 5, 6}, []float32{1, 0, 2, -1, 1, 3}
	c := make([]float32, 4)
	MatMul(c, a, b, 2, 2, 3, false, false, false)
	if want := []float32{8, 7, 20, 13}; !slices.Equal(c, want) {
		t.Errorf("(2,3)·(3,2) is %v, want %v", c, want)
	}
}

// TestMatMulNaN: a zero does not hide a NaN or an infinity.
func TestMatMulNaN(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		for mode := range 4 {
			for _, k := range []int{3, 100} {
				a, b, c := make([]float64, 2*k), make([]float64, 3*k), make([]float64, 6)
				for i := range b {
					b[i] = bad
				}
				MatMul(c, a, b, 2, 3, k, mode&1 != 0, mode&2 != 0, false)
				for i := range c {
					if !math.IsNaN(c[i]) {
						t.Errorf("k %d, transA %v, transB %v: 0·%v is %v, want NaN", k, mode&1 != 0, mode&2 != 0, bad, c[i])
					}
				}
			}
		}
	}
}

// shifted returns a copy of x that starts the given number of elements into its
// allocation, so on another boundary.
func shifted[T Float](x []T, by int) []T {
	return append(make([]T, by, by+len(x)), x...)[by:]
}

// TestMatMulAlignment: the bits don't depend on where in memory a matrix starts.
func TestMatMulAlignment(t *testing.T) {
	const m, n, k = 33, 40, 150
	a, b := normal[float32](m*k, "a"), normal[float32](k*n, "b")
	for mode := range 4 {
		want := make([]float32, m*n)
		MatMul(want, a, b, m, n, k, mode&1 != 0, mode&2 != 0, false)
		for by := 1; by < 4; by++ {
			got := make([]float32, m*n)
			MatMul(got, shifted(a, by), shifted(b, by), m, n, k, mode&1 != 0, mode&2 != 0, false)
			if !slices.Equal(got, want) {
				t.Errorf("transA %v, transB %v: shifted by %d elements, the product has other bits", mode&1 != 0, mode&2 != 0, by)
			}
		}
	}
}

// TestMatMulProcs: the bits don't depend on the number of CPUs.
func TestMatMulProcs(t *testing.T) {
	const m, n, k = 100, 300, 200
	a, b := normal[float32](m*k, "a"), normal[float32](k*n, "b")
	for mode := range 4 {
		var want []float32
		kerneltest.EachThreads(t, func(t *testing.T) {
			got := make([]float32, m*n)
			MatMul(got, a, b, m, n, k, mode&1 != 0, mode&2 != 0, false)
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Errorf("transA %v, transB %v: other bits than with one CPU", mode&1 != 0, mode&2 != 0)
			}
		})
	}
}

func BenchmarkMatMul(b *testing.B) {
	for _, s := range [][3]int{{64, 128, 784}, {64, 10, 128}, {1, 128, 784}, {512, 512, 512}, {1024, 1024, 1024}} {
		m, n, k := s[0], s[1], s[2]
		x, w, c := benchData(m*k), benchData(k*n), make([]float32, m*n)
		for mode, name := range []string{"NN", "TN", "NT", "TT"} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", m, n, k, name), func(b *testing.B) {
				for b.Loop() {
					MatMul(c, x, w, m, n, k, mode&1 != 0, mode&2 != 0, false)
				}
				b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
