package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op rankPool) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	op.launch(c, "rank_pool", y, in, c.Constants(op.weights), len(op.weights))
}

// Launch implements [graph.Launcher].
func (op rankPoolGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	op.of.launch(c, "rank_pool_grad", dx, in, c.Constants(op.of.weights), len(op.of.weights))
}
