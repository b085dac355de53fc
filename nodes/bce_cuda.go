package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op bceOp) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	op.launch(c, "bce", y, in[0], in[1])
}

// Launch implements [graph.Launcher].
func (op bceGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	bceOp(op).launch(c, "bce_grad", dx, in[0], in[1], in[2])
}

// Launch implements [graph.Launcher].
func (op bceTargetGrad) Launch(c *cuda.Commands, dt cuda.Value, in ...cuda.Value) {
	bceOp(op).launch(c, "bce_target_grad", dt, in[0], in[1])
}

func (op bceOp) launch(c *cuda.Commands, kernel string, y cuda.Value, in ...any) {
	classes, inner := 1, 1
	if len(y.Shape) > 1 {
		l := linesAlong(y.Shape, 1)
		classes, inner = l.n, l.inner
	}
	args := append([]any{y}, in...)
	args = append(args, classWeightArgs(c, every(op.pos, inner), y)...)
	args = append(args, classWeightArgs(c, every(op.weights, inner), y)...)
	c.Each(kernel, y.Len(), append(args, cuda.Divisor(inner), cuda.Divisor(classes), classes, y.Len())...)
}

// every returns one of each n equal neighbours, undoing repeat.
func every(x []float64, n int) []float64 {
	var out []float64
	for i := 0; i < len(x); i += n {
		out = append(out, x[i])
	}
	return out
}
