package nodes

import (
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Launch implements [graph.Launcher].
func (op matMul) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	p := op.product(y.Shape, in[0].Shape, in[1].Shape)
	a, b := in[0].Pointer, in[1].Pointer
	if p.swapped {
		a, b = b, a
	}
	if p.A.Outer == p.Inner*p.A.Inner && p.B.Outer == p.Inner*p.B.Inner && p.C.Outer == p.Inner*p.C.Inner {
		p.Outer, p.Inner = 1, p.Outer*p.Inner // all of them are equally far apart
	}
	for i := range p.Outer {
		c.Gemm(cuda.Product{
			C: y.Add(i * p.C.Outer), A: a.Add(i * p.A.Outer), B: b.Add(i * p.B.Outer),
			M: p.M, N: p.N, K: p.K, TransposeA: p.A.Trans, TransposeB: p.B.Trans,
			LDA: rowOf(p.A, p.M, p.K), LDB: rowOf(p.B, p.K, p.N), LDC: rowOf(p.C, p.M, p.N),
			Count: p.Inner, StrideA: p.A.Inner, StrideB: p.B.Inner, StrideC: p.C.Inner,
		})
	}
}

// rowOf returns how far apart rows are; of a single row that is said to be its length.
func rowOf(m kernel.Matrices, rows, columns int) int {
	if m.Trans {
		columns = rows
	}
	return max(m.Row, columns)
}
