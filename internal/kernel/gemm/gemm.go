// Package gemm multiplies float32 matrices.
//
// A product is cut into tiles (see package tile) and, along its inner dimension,
// into blocks that the second-level cache holds. Within a block the products are
// added one after the other, the sums of the blocks likewise. So the bits of a
// result depend on the inner dimension and the level of instructions alone: they
// are the same for any number of threads, for one row as for a thousand, and
// whether an operand was packed before.
package gemm

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// A Product says what to multiply:
//
//	C = act(Bias + op(A)·op(B))        or, with Accumulate,  C = act(Bias + op(A)·op(B) + C)
//
// where op(A) is (M, K), op(B) is (K, N) and C is (M, N), all row-major. C overlaps
// none of the others. NaN and Inf spread as IEEE 754 says, also through 0·NaN.
type Product struct {
	M, N, K int

	C, A, B                   []float32
	CStride, AStride, BStride int // elements from one row in memory to the next

	TransA bool // A is stored as (K, M)
	TransB bool // B is stored as (N, K)
	Packed bool // B is as Pack leaves it; BStride and TransB are not looked at
	Left   bool // A is as PackLeft leaves it; AStride and TransA are not looked at

	Bias       []float32 // N numbers, or nil
	Accumulate bool
	ReLU       bool // act is max(·, 0), which leaves NaN as it is
}

// Run computes the product.
func (p *Product) Run() {
	if p.M == 0 || p.N == 0 {
		return
	}
	p.check()
	if p.K == 0 {
		p.runEmpty()
		return
	}
	g := p.gemm()
	switch {
	case p.Left:
		g.along()
	case p.M*p.N*p.K <= small && !p.Packed:
		g.runSmall()
	case p.M >= p.N:
		g.runDown()
	default:
		g.runAlong()
	}
}

// small is the number of multiplications up to which waking another core costs
// more than it brings.
const small = 64 * 64 * 64

// gemm is a product as the loops want it: all strides in bytes.
type gemm struct {
	m, n, k             int
	c, a, b, bias       unsafe.Pointer
	cRow, aRow, bRow    int
	transA, transB      bool
	accumulate, relu    bool
	block               int            // of k
	left, right         unsafe.Pointer // the operands, packed, or nil
	leftStep, rightStep int            // bytes for each k in those
}

func (p *Product) gemm() gemm {
	g := gemm{
		m: p.M, n: p.N, k: p.K,
		c: base(p.C), a: base(p.A), b: base(p.B), bias: base(p.Bias),
		cRow: 4 * p.CStride, aRow: 4 * p.AStride, bRow: 4 * p.BStride,
		transA: p.TransA, transB: p.TransB, accumulate: p.Accumulate, relu: p.ReLU,
		block: blockOf(p.K),
	}
	if p.Left {
		g.left, g.leftStep = g.a, leftStep(p.M)
	}
	switch {
	case p.Packed:
		g.right, g.rightStep = g.b, tile.ColStep(p.N)
	case p.TransB && p.N == 1: // a column of that many rows
		g.transB, g.bRow = false, 4
	}
	return g
}

func base(x []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(x)) }

// check panics with an index out of range if a slice is too short.
func (p *Product) check() {
	need(p.C, p.M, p.N, p.CStride)
	switch {
	case p.Left:
		_ = p.A[:LeftSize(p.M, p.K)]
	case p.TransA:
		need(p.A, p.K, p.M, p.AStride)
	default:
		need(p.A, p.M, p.K, p.AStride)
	}
	switch {
	case p.Packed:
		_ = p.B[:PackedSize(p.N, p.K)]
	case p.TransB:
		need(p.B, p.N, p.K, p.BStride)
	default:
		need(p.B, p.K, p.N, p.BStride)
	}
	if p.Bias != nil {
		_ = p.Bias[:p.N]
	}
}

func need(x []float32, rows, cols, stride int) {
	if rows > 0 && cols > 0 {
		_ = x[(rows-1)*stride+cols-1]
	}
}

// deepest is the longest block of k: 32 columns of B are 64 KiB then.
const deepest = 512

// blockOf returns the length of the blocks of k, all but the last.
func blockOf(k int) int {
	n := (k + deepest - 1) / deepest
	return ((k+n-1)/n + 3) / 4 * 4
}

// tiles adds the block [k0, k0+depth) of the product to rows [i0, i1) and columns
// [j0, j1) of C. left is that block of the rows as PackRows leaves it, right that
// of the columns as PackCols does; nil stands for the operand in place.
func (g *gemm) tiles(i0, i1, j0, j1, k0, depth int, left, right unsafe.Pointer) {
	var t tile.Args
	t.Outer, t.Depth = 1, depth
	t.CStep = g.cRow
	t.Accumulate = k0 > 0 || g.accumulate
	t.ReLU = g.relu && k0+depth == g.k
	t.AStep = tile.RowStep()
	if left == nil {
		t.AStep, t.InPlace = g.aRow, !g.transA
	}
	panels, wide := tile.Split(i1-i0), tile.Cols()
	leftPanel, rightPanel := depth*tile.RowStep(), depth*tile.ColStep(wide)
	for j := j0; j < j1; j += wide {
		t.Cols = min(wide, j1-j)
		if right != nil {
			t.B, t.BStep = unsafe.Add(right, (j-j0)/wide*rightPanel), tile.ColStep(t.Cols)
		} else {
			t.B, t.BStep = source(g.b, g.bRow, j, k0, false), g.bRow
		}
		if k0 == 0 && g.bias != nil {
			t.Bias = unsafe.Add(g.bias, 4*j)
		}
		for p := range panels.Len() {
			i, height := panels.At(p)
			t.Rows = height
			if left != nil {
				t.A = unsafe.Add(left, p*leftPanel)
			} else {
				t.A = source(g.a, g.aRow, i0+i, k0, !g.transA)
				if !g.transA && g.aRow == 4*g.k { // the next rows follow at once
					t.Ahead = uintptr(t.A) + uintptr(height*g.aRow)
				}
			}
			t.C = unsafe.Add(g.c, (i0+i)*g.cRow+4*j)
			tile.Mul(&t)
		}
	}
}

// source returns where row or column i of an operand lies in memory, at k. With
// along, k runs along the rows of the memory, row bytes apart.
func source(p unsafe.Pointer, row, i, k int, along bool) unsafe.Pointer {
	if along {
		return unsafe.Add(p, i*row+4*k)
	}
	return unsafe.Add(p, k*row+4*i)
}

// parts returns the number of blocks of k.
func (g *gemm) parts() int { return (g.k + g.block - 1) / g.block }

// part returns where block i starts, and its length.
func (g *gemm) part(i int) (k0, depth int) {
	k0 = i * g.block
	return k0, min(g.block, g.k-k0)
}
