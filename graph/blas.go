package graph

import (
	"github.com/thinnet/thinnet/internal/kernel/gemm"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Gorgonia's own products, as [gorgonia.Mul], take what is set here. Who chose
// another BLAS keeps it, and can choose one later by [gorgonia.Use].
func init() {
	if tensor.WhichBLAS() == tensor.BLAS(gonum.Implementation{}) {
		gorgonia.Use(products{})
	}
}

// products is gonum's BLAS with our float32 products. They differ from gonum's in
// speed, and in that a zero does not hide a NaN or an infinity.
type products struct{ gonum.Implementation }

func (b products) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, x []float32, ldx int, y []float32, ldy int, beta float32, c []float32, ldc int) {
	p := gemm.Product{
		M: m, N: n, K: k, C: c, A: x, B: y, CStride: ldc, AStride: ldx, BStride: ldy,
		TransA: tA != blas.NoTrans, TransB: tB != blas.NoTrans, Accumulate: beta == 1,
	}
	known := known(tA) && known(tB) && alpha == 1 && (beta == 0 || beta == 1)
	if !known || !fits(x, m, k, ldx, p.TransA) || !fits(y, k, n, ldy, p.TransB) || !fits(c, m, n, ldc, false) {
		b.Implementation.Sgemm(tA, tB, m, n, k, alpha, x, ldx, y, ldy, beta, c, ldc)
		return
	}
	p.Run()
}

func (b products) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	// A product with one row: x·a, or x·aᵀ.
	p := gemm.Product{
		M: 1, N: n, K: m, C: y, A: x, B: a, CStride: n, AStride: m, BStride: lda,
		TransB: tA == blas.NoTrans, Accumulate: beta == 1,
	}
	if p.TransB {
		p.N, p.K, p.CStride, p.AStride = m, n, m, n
	}
	known := known(tA) && alpha == 1 && (beta == 0 || beta == 1) && incX == 1 && incY == 1
	if !known || !fits(a, m, n, lda, false) || len(x) < p.K || len(y) < p.N {
		b.Implementation.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
		return
	}
	p.Run()
}

func known(t blas.Transpose) bool {
	return t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans
}

// fits reports whether x holds a (rows, cols) matrix, or with trans its transpose.
// What does not is left to gonum, which says what is wrong.
func fits(x []float32, rows, cols, ld int, trans bool) bool {
	if trans {
		rows, cols = cols, rows
	}
	return rows > 0 && cols > 0 && ld >= cols && len(x) >= (rows-1)*ld+cols
}
