package cuda

// largeTiles are enough of the large tiles to keep the largest devices busy.
const largeTiles = 128

// ownGemm records what computes products by a kernel of our own, for where there is no
// cuBLAS.
func (c *Commands) ownGemm(g gemm) {
	kernel, tile := "gemm_64", 64
	if large := 128; g.count*blocks(g.m, large)*blocks(g.n, large) >= largeTiles {
		kernel, tile = "gemm_128", large
	}
	c.Blocks(kernel, g.count*blocks(g.m, tile)*blocks(g.n, tile), Block,
		g.c, g.a, g.b, g.m, g.n, g.k, g.lda, g.ldb, g.ldc, g.transposeA, g.transposeB, g.add,
		int64(g.strideA), int64(g.strideB), int64(g.strideC))
}

// blocks returns how many blocks of so many cover n.
func blocks(n, of int) int { return (n + of - 1) / of }
