package graphtest

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (dot) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Gemm(cuda.Product{C: y.Pointer, A: in[0].Pointer, B: in[1].Pointer, M: 1, N: 1, K: in[0].Len()})
}

// Launch implements [graph.Launcher].
func (dotGrad) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Gemm(cuda.Product{C: y.Pointer, A: in[0].Pointer, B: in[1].Pointer, M: 1, N: y.Len(), K: 1})
}
