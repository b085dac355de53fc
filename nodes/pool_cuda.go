package nodes

import (
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
)

// appendAxes adds parameters of a kernel.
func appendAxes(args []any, axes ...extents) []any {
	for _, e := range axes {
		args = append(args, e[0], e[1], e[2])
	}
	return args
}

// launch launches a kernel for each element of y, with what windows see.
func (p pooled) launch(c *cuda.Commands, kernel string, y cuda.Value, in []cuda.Value, rest ...any) {
	c.Windows(kernel, y, in, p.g.Axes(), rest...)
}

// Launch implements [graph.Launcher].
func (op maxPool) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	op.launch(c, "max_pool", y, in)
}

// Launch implements [graph.Launcher].
func (op maxPoolGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	op.of.launch(c, "max_pool_grad", dx, in)
}

// counted are what an average counts: the elements before these, and with padding that too.
func (op avgPool) counted() []any {
	high := op.g.In
	if op.g.CountIncludePad {
		for axis := range high {
			high[axis] += op.g.PadHigh[axis]
		}
	}
	return append(appendAxes(nil, high), op.g.CountIncludePad)
}

// Launch implements [graph.Launcher].
func (op avgPool) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	op.launch(c, "avg_pool", y, in, op.counted()...)
}

// Launch implements [graph.Launcher].
func (op avgPoolGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	op.of.launch(c, "avg_pool_grad", dx, in, op.of.counted()...)
}

// Launch implements [graph.Launcher].
func (op adaptiveAvgPool) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	if points(op.out) == 1 {
		c.Launch("map_mean", [3]int{ceil(op.maps, 8), 1, 1}, [3]int{32, 8, 1}, y, in[0], op.maps, points(op.in))
		return
	}
	op.launch(c, "adaptive_avg_pool", y, in[0])
}

// Launch implements [graph.Launcher].
func (op adaptiveAvgPoolGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	op.of.launch(c, "adaptive_avg_pool_grad", dx, in[0])
}

func (op adaptiveAvgPool) launch(c *cuda.Commands, kernel string, y, x cuda.Value) {
	for axis := range op.in {
		if (op.in[axis]+1)*(op.out[axis]+1) > math.MaxInt32 {
			c.Fail(errors.Errorf("%v regions of %v elements, want a product below 2³¹ on a CUDA device", op.out, op.in))
			return
		}
	}
	c.Each(kernel, y.Len(), appendAxes([]any{y, x, y.Len()}, op.in, op.out)...)
}
