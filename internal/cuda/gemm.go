package cuda

// gemm is a product of matrices, or of many at equal distances:
// C = op(A)·op(B), or C += op(A)·op(B), all of them row-major.
type gemm struct {
	c, a, b                   Pointer
	m, n, k                   int
	lda, ldb, ldc             int // elements from row to row
	transposeA, transposeB    bool
	add                       bool
	count                     int // of products
	strideA, strideB, strideC int // elements from one to the next
}

// A Product is C = A·B for an A of M by K and a B of K by N, row-major; see [Commands.Gemm].
type Product struct {
	C, A, B Pointer
	M, N, K int
	// TransposeA says that A lies in memory as K by M, TransposeB that B does as N by K.
	TransposeA, TransposeB bool
	// Add adds the product to what C holds.
	Add bool
	// LDA, LDB and LDC are the elements from one row in memory to the next; 0 stands for
	// rows without gaps.
	LDA, LDB, LDC int
	// Count is how many products there are; 0 stands for one. Their matrices lie so many
	// elements apart; 0 is the same matrix for all.
	Count                     int
	StrideA, StrideB, StrideC int
}

// Gemm computes products of matrices.
func (c *Commands) Gemm(p Product) {
	if c.err != nil || p.M == 0 || p.N == 0 || p.Count < 0 {
		return
	}
	g := gemm{p.C, p.A, p.B, p.M, p.N, p.K, p.LDA, p.LDB, p.LDC, p.TransposeA, p.TransposeB, p.Add, max(p.Count, 1), p.StrideA, p.StrideB, p.StrideC}
	rows := func(ld *int, transposed bool, whole, other int) {
		if *ld == 0 {
			*ld = whole
			if transposed {
				*ld = other
			}
		}
	}
	rows(&g.lda, p.TransposeA, p.K, p.M)
	rows(&g.ldb, p.TransposeB, p.N, p.K)
	rows(&g.ldc, false, p.N, 0)
	c.list = append(c.list, command{kind: gemmCommand, gemm: g})
}
