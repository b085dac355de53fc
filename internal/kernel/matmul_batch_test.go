package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

// strided returns matrices of (outer, inner) that lie in memory as (outer, rows,
// inner, cols), as the heads of an attention do, or one after the other.
func strided(inner, rows, cols int, heads, trans bool) Matrices {
	if heads {
		return Matrices{Outer: rows * inner * cols, Inner: cols, Row: inner * cols, Trans: trans}
	}
	return Matrices{Outer: inner * rows * cols, Inner: rows * cols, Row: cols, Trans: trans}
}

// element returns where op(matrix)[r, c] lies.
func (m *Matrices) element(o, i, r, c int) int {
	if m.Trans {
		r, c = c, r
	}
	return m.at(o, i) + r*m.Row + c
}

func testMatMulBatch[T Float](t *testing.T) {
	for _, s := range [][5]int{{1, 1, 3, 4, 5}, {3, 2, 1, 1, 1}, {2, 3, 5, 7, 9}, {2, 2, 17, 33, 8}, {2, 4, 64, 64, 16}, {1, 3, 70, 129, 40}} {
		outer, inner, m, n, k := s[0], s[1], s[2], s[3], s[4]
		a, b := normal[T](outer*inner*m*k, "a"), normal[T](outer*inner*k*n, "b")
		for way := range 32 {
			bit := func(i int) bool { return way>>i&1 == 1 }
			p := BatchedProduct{Outer: outer, Inner: inner, M: m, N: n, K: k, C: strided(inner, m, n, bit(0), false)}
			p.A, p.B = strided(inner, m, k, bit(1), false), strided(inner, k, n, bit(2), false)
			if bit(3) {
				p.A = strided(inner, k, m, bit(1), true)
			}
			if bit(4) {
				p.B = strided(inner, n, k, bit(2), true)
			}
			c := make([]T, outer*inner*m*n)
			fill(c, T(math.NaN()))
			MatMulBatch(&p, c, a, b)
			checkBatch(t, fmt.Sprintf("%T %v, way %05b", c, s, way), &p, c, a, b)
		}
	}
}

func checkBatch[T Float](t *testing.T, name string, p *BatchedProduct, c, a, b []T) {
	t.Helper()
	for e := range p.Outer * p.Inner * p.M * p.N {
		o, i, r, col := e/(p.Inner*p.M*p.N), e/(p.M*p.N)%p.Inner, e/p.N%p.M, e%p.N
		var want, size float64
		for l := range p.K {
			term := float64(a[p.A.element(o, i, r, l)]) * float64(b[p.B.element(o, i, l, col)])
			want += term
			size += math.Abs(term)
		}
		got := float64(c[p.C.element(o, i, r, col)])
		if tol := float64(p.K+2) * epsilon[T]() * size; !(math.Abs(got-want) <= tol) {
			t.Fatalf("%s: c[%d,%d,%d,%d] is %v, want %v ± %.1g", name, o, i, r, col, got, want, tol)
		}
	}
}

func TestMatMulBatch(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		testMatMulBatch[float32](t)
		testMatMulBatch[float64](t)
	})
}

// One matrix for all, and the same bits on any number of threads.
func TestMatMulBatchOfASharedMatrix(t *testing.T) {
	const batch, m, n, k = 40, 50, 30, 40
	a, b := normal[float32](batch*m*k, "a"), normal[float32](n*k, "b")
	want := make([]float32, batch*m*n)
	MatMul(want, a, b, batch*m, n, k, false, true, false)
	kerneltest.EachThreads(t, func(t *testing.T) {
		got := make([]float32, batch*m*n)
		p := BatchedProduct{Outer: 1, Inner: batch, M: m, N: n, K: k,
			C: Matrices{Inner: m * n, Row: n}, A: Matrices{Inner: m * k, Row: k}, B: Matrices{Row: k, Trans: true}}
		MatMulBatch(&p, got, a, b)
		near(t, "products by one matrix", got, widened(want), 0)
	})
}
