package cuda

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Products by our own kernels are those of float64: of any transposition, with rows that have
// gaps, many at once, added to what is there, and by either tile.
func TestOwnGemm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range []struct{ m, n, k, count, gap int }{
		{1, 1, 1, 1, 0}, {3, 5, 7, 1, 0}, {65, 66, 17, 1, 1}, {64, 64, 16, 2, 0}, {4, 3, 0, 1, 0}, {1, 200, 40, 3, 2},
		{130, 129, 9, 32, 1}, // many large tiles
	} {
		for kind := range 8 {
			g := gemm{m: s.m, n: s.n, k: s.k, count: s.count, transposeA: kind&1 > 0, transposeB: kind&2 > 0, add: kind&4 > 0}
			columns := func(transposed bool, columns, rows int) (int, int) {
				if transposed {
					columns, rows = rows, columns
				}
				return columns + s.gap, rows * (columns + s.gap)
			}
			g.lda, g.strideA = columns(g.transposeA, s.k, s.m)
			g.ldb, g.strideB = columns(g.transposeB, s.n, s.k)
			g.ldc, g.strideC = columns(false, s.n, s.m)
			a, b, c := normals(r, s.count*g.strideA), normals(r, s.count*g.strideB), normals(r, s.count*g.strideC)
			got := on(t, [][]float32{a, b, slices.Clone(c)}, func(cmd *Commands, at []Value) {
				g.a, g.b, g.c = at[0].Pointer, at[1].Pointer, at[2].Pointer
				cmd.ownGemm(g)
			})[2]
			for e := range g.count * g.strideC {
				of, row, col := e/g.strideC, e%g.strideC/g.ldc, e%g.ldc
				want := float64(c[e])
				if col < g.n {
					if !g.add {
						want = 0
					}
					for l := range g.k {
						x, y := row*g.lda+l, l*g.ldb+col
						if g.transposeA {
							x = l*g.lda + row
						}
						if g.transposeB {
							y = col*g.ldb + l
						}
						want += float64(a[of*g.strideA+x]) * float64(b[of*g.strideB+y])
					}
				}
				if math.Abs(float64(got[e])-want) > 1e-5*math.Sqrt(float64(g.k)) {
					t.Fatalf("%+v: element %d is %v, want %v", g, e, got[e], want)
				}
			}
		}
	}
}

func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}
