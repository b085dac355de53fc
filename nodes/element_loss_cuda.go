package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// kernel returns the name of the kernel.
func (k elementKind) kernel() string {
	switch k {
	case squared:
		return "squared_error"
	case absolute:
		return "abs_error"
	}
	return "huber"
}

// Launch implements [graph.Launcher].
func (op elementOp) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchElements(c, op.kind.kernel(), op.kind, op.delta, y, in[0], in[1])
}

// Launch implements [graph.Launcher].
func (op elementGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	launchElements(c, op.kind.kernel()+"_grad", op.kind, op.delta, dx, in[0], in[1], in[2])
}

func launchElements(c *cuda.Commands, kernel string, kind elementKind, delta float64, y cuda.Value, in ...any) {
	args := append([]any{y}, in...)
	if kind == huber {
		args = append(args, float32(delta))
	}
	c.Each(kernel, y.Len(), append(args, y.Len())...)
}
