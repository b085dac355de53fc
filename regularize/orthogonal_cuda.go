package regularize

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (gram) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	m, w := matrixOf(in[0].Shape), in[0].Pointer
	n := min(m.out, m.rest)
	c.Gemm(cuda.Product{C: y.Pointer, A: w, B: w, M: n, N: n, K: max(m.out, m.rest), TransposeA: m.tall(), TransposeB: !m.tall()})
	c.Each("less_identity", n, y, n)
}

// Launch implements [graph.Launcher].
func (gramGrad) Launch(c *cuda.Commands, dw cuda.Value, in ...cuda.Value) {
	m := matrixOf(in[0].Shape)
	a, b, inner := in[1], in[0], m.out
	if m.tall() {
		a, b, inner = b, a, m.rest
	}
	c.Gemm(cuda.Product{C: dw.Pointer, A: a.Pointer, B: b.Pointer, M: m.out, N: m.rest, K: inner})
	c.Each("twice", dw.Len(), dw, dw.Len())
}
