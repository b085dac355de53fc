package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (relu) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Fours("relu", y.Len(), y, in[0], y.Len())
}

// Launch implements [graph.Launcher].
func (reluGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	c.Fours("relu_grad", dx.Len(), dx, in[0], in[1], dx.Len())
}

// Launch implements [graph.Launcher].
func (op leakyReLU) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Fours("leaky_relu", y.Len(), y, in[0], float32(op.slope), y.Len())
}

// Launch implements [graph.Launcher].
func (op leakyReLUGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	c.Fours("leaky_relu_grad", dx.Len(), dx, in[0], in[1], float32(op.slope), dx.Len())
}
