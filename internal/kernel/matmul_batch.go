package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/gemm"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A BatchedProduct is Outer times Inner matrix products of one size,
//
//	c[o,i] = op(a[o,i]) · op(b[o,i])
//
// where op(a) is (M, K), op(b) is (K, N) and c is (M, N).
type BatchedProduct struct {
	Outer, Inner int
	M, N, K      int
	C, A, B      Matrices
}

// Matrices says where the matrices of one operand lie: how many elements from one to
// the next along each axis of the batch, 0 where they share one, and from one row in
// memory to the next. With Trans, the memory holds the transposes.
type Matrices struct {
	Outer, Inner, Row int
	Trans             bool // not of C
}

// at returns where a matrix starts.
func (m *Matrices) at(o, i int) int { return o*m.Outer + i*m.Inner }

// MatMulBatch computes products as [MatMul] does each of them.
func MatMulBatch[T Float](p *BatchedProduct, c, a, b []T) {
	if vec.IsFloat32[T]() {
		batch := gemm.Batch{
			Product: product32(c, a, b, p.M, p.N, p.K, p.A.Trans, p.B.Trans),
			Outer:   p.Outer, Inner: p.Inner,
			COuter: p.C.Outer, CInner: p.C.Inner, AOuter: p.A.Outer, AInner: p.A.Inner, BOuter: p.B.Outer, BInner: p.B.Inner,
		}
		batch.CStride, batch.AStride, batch.BStride = p.C.Row, p.A.Row, p.B.Row
		batch.Run()
		return
	}
	s := borrowScratch[T]()
	defer s.release()
	for o := range p.Outer {
		for i := range p.Inner {
			product, rows := resize(&s.tile, p.M*p.N), c[p.C.at(o, i):]
			left := gathered(&s.operand, a[p.A.at(o, i):], p.M, p.K, p.A)
			right := gathered(&s.panel, b[p.B.at(o, i):], p.K, p.N, p.B)
			MatMul(product, left, right, p.M, p.N, p.K, p.A.Trans, p.B.Trans, false)
			for r := range p.M {
				copy(rows[r*p.C.Row:], product[r*p.N:][:p.N])
			}
		}
	}
}

// gathered returns a matrix of m with its rows, which are rows by cols or, with
// Trans, the other way round, one after the other.
func gathered[T Float](buf *[]T, x []T, rows, cols int, m Matrices) []T {
	if m.Trans {
		rows, cols = cols, rows
	}
	if m.Row == cols {
		return x
	}
	out := resize(buf, rows*cols)
	for r := range rows {
		copy(out[r*cols:][:cols], x[r*m.Row:])
	}
	return out
}
