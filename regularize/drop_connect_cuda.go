package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
)

func sizesOf(y, x cuda.Value) (rows, out, in int) {
	last := len(y.Shape) - 1
	return graph.Shape(y.Shape[:last]).TotalSize(), y.Shape[last], x.Shape[len(x.Shape)-1]
}

// Launch implements [graph.Launcher].
func (op dropConnect) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	_, out, inputs := sizesOf(y, in[0])
	bias, biased := in[1], len(in) > 3 // any pointer, where it isn't read
	if biased {
		bias = in[2]
	}
	c.Launch("drop_connect", [3]int{(y.Len() + 7) / 8, 1, 1}, [3]int{32, 8, 1},
		y, in[0], in[1], bias, biased, op.words(c), y.Len(), out, inputs)
}

// Launch implements [graph.Launcher].
func (op dropConnectGradX) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	rows, out, inputs := sizesOf(in[0], dx)
	c.Each("drop_connect_grad_x", rows*((inputs+7)/8), dx, in[0], in[1], op.words(c), rows, out, inputs)
}

// Launch implements [graph.Launcher].
func (op dropConnectGradW) Launch(c *cuda.Commands, dw cuda.Value, in ...cuda.Value) {
	rows, out, inputs := sizesOf(in[0], in[1])
	c.Each("drop_connect_grad_w", out*((inputs+7)/8), dw, in[0], in[1], op.words(c), rows, out, inputs)
}

// Launch implements [graph.Launcher].
func (op dropConnectGradB) Launch(c *cuda.Commands, db cuda.Value, in ...cuda.Value) {
	rows, out, _ := sizesOf(in[0], in[0])
	c.Blocks("drop_connect_grad_b", out, 32, db, in[0], op.words(c), rows, out, op.in)
}
