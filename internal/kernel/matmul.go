package kernel

import "github.com/thinnet/thinnet/internal/kernel/vec"

// A product in float32 is package gemm's. One in float64 is computed here, in tiles
// of C small enough for the first-level cache: 32 rows by 128 columns are 32 KiB.
const (
	tileRows = 32
	tileCols = 128
)

// A product of long rows, a·bᵀ, is faster as dot products, which need no
// transposition. Below dotLength their start and end cost more than that.
const (
	dotLength = 64
	dotCols   = 64  // columns of C to a tile
	dotBlock  = 512 // elements of a row taken at a time
)

// chunkWork is the number of multiplications that make a chunk: about 30 µs.
const chunkWork = 1 << 18

// grainFor returns how many units of the given work make a chunk for Parallel.
func grainFor(work int) int { return max(1, chunkWork/max(1, work)) }

// MatMul computes
//
//	c = op(a) · op(b)        or, with accumulate,  c += op(a) · op(b)
//
// on contiguous row-major matrices: op(a) is (m, k), op(b) is (k, n) and c is
// (m, n). With transA, a is stored as (k, m) and op(a) is its transpose; with
// transB, b is stored as (n, k). With k = 0 the product is zero.
//
// The slices must hold at least that many elements, and c must overlap neither
// a nor b. NaN and Inf spread as IEEE 754 says, also through 0·NaN. The result
// doesn't depend on the number of CPUs, and in float32 a row of it not on m either.
func MatMul[T Float](c, a, b []T, m, n, k int, transA, transB, accumulate bool) {
	if vec.IsFloat32[T]() {
		p := product32(c, a, b, m, n, k, transA, transB)
		p.Accumulate = accumulate
		p.Run()
		return
	}
	if m == 1 {
		transA = false
	}
	if n == 1 {
		// A column: its transpose is a row, along which the loops below run.
		a, b, m, n, transA, transB = b, a, 1, m, false, !transA
	}
	v := vectorsOf[T]()
	p := product[T]{v, c, a, b, m, n, k, transA, transB, accumulate}
	cols, tile := tileCols, p.outerTile
	if transB && !transA && k >= dotLength {
		cols, tile = dotCols, p.dotTile
	}
	across := (n + cols - 1) / cols
	down := (m + tileRows - 1) / tileRows
	work := min(m, tileRows) * min(n, cols) * k
	Parallel(down*across, grainFor(work), func(lo, hi int) {
		s := borrowScratch[T]()
		for t := lo; t < hi; t++ {
			i, j := t/across*tileRows, t%across*cols
			tile(s, i, min(i+tileRows, m), j, min(j+cols, n))
		}
		s.release()
	})
}

type product[T Float] struct {
	vectors[T]
	c, a, b                    []T
	m, n, k                    int
	transA, transB, accumulate bool
}

// outerTile computes rows [i0, i1) and columns [j0, j1) of c as a sum of k outer
// products. The tile is gathered in scratch: rows of c that lie a multiple of
// 4 KiB apart would compete for the same few lines of the cache.
func (p *product[T]) outerTile(s *scratch[T], i0, i1, j0, j1 int) {
	rows, cols := i1-i0, j1-j0
	tile := resize(&s.tile, rows*cols)
	clear(tile)
	if p.accumulate {
		for i := range rows {
			copy(tile[i*cols:][:cols], p.c[(i0+i)*p.n+j0:])
		}
	}
	for l0 := 0; l0 < p.k; l0 += tileCols {
		depth := min(tileCols, p.k-l0)
		x, ldx := p.a[l0*p.m+i0:], p.m
		if !p.transA {
			x, ldx = resize(&s.operand, depth*rows), rows
			vec.Transpose(x, p.a[i0*p.k+l0:], rows, depth, rows, p.k)
		}
		y, ldy := p.b[l0*p.n+j0:], p.n
		if p.transB {
			y, ldy = resize(&s.panel, depth*cols), cols
			vec.Transpose(y, p.b[j0*p.k+l0:], cols, depth, cols, p.k)
		}
		for l := range depth {
			p.ger(rows, cols, x[l*ldx:], y[l*ldy:], tile, cols)
		}
	}
	for i := range rows {
		copy(p.c[(i0+i)*p.n+j0:], tile[i*cols:][:cols])
	}
}

// dotTile computes the same tile as dot products of rows of a and b. The rows of
// a pass through scratch, for dot's alignment.
func (p *product[T]) dotTile(s *scratch[T], i0, i1, j0, j1 int) {
	a := resize(&s.operand, (i1-i0)*dotBlock)
	for l0 := 0; l0 < p.k; l0 += dotBlock {
		depth := min(dotBlock, p.k-l0)
		for i := i0; i < i1; i++ {
			copy(a[(i-i0)*dotBlock:][:depth], p.a[i*p.k+l0:])
		}
		add := p.accumulate || l0 > 0
		for j := j0; j < j1; j++ {
			b := p.b[j*p.k+l0:][:depth]
			for i := i0; i < i1; i++ {
				d := p.dot(b, a[(i-i0)*dotBlock:])
				if add {
					d += p.c[i*p.n+j]
				}
				p.c[i*p.n+j] = d
			}
		}
	}
}
