package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op softNLL) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	l := linesAlong(in[0].Shape, 1)
	args := append([]any{y, in[0], in[1], float32(1 - op.smoothing), float32(op.smoothing / float64(l.n))}, classWeightArgs(c, op.weights, y)...)
	if l.inner > 1 {
		c.Each("soft_nll_strided", y.Len(), append(args, y.Len(), l.n, l.inner)...)
		return
	}
	launchWarps(c, "soft_nll_warps", l.outer, append(args, l.outer, l.n)...)
}

// Launch implements [graph.Launcher].
func (op softNLLGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	l := linesAlong(dx.Shape, 1)
	args := append([]any{dx, in[0], in[1], float32(op.slope), float32(op.floor)}, classWeightArgs(c, op.weights, dx)...)
	c.Each("soft_nll_grad", dx.Len(), append(args, cuda.Divisor(l.inner), cuda.Divisor(l.n), l.n, l.inner, dx.Len())...)
}
