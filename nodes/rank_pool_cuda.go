package nodes

import (
	"math"

	"github.com/thinnet/thinnet/internal/cuda"
)

// Launch implements [graph.Launcher].
func (op rankPool) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	op.launch(c, "rank_pool", y, in, op.words(c), len(op.weights))
}

// Launch implements [graph.Launcher].
func (op rankPoolGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	op.of.launch(c, "rank_pool_grad", dx, in, op.of.words(c), len(op.of.weights))
}

// words returns where kernels read the weights.
func (op rankPool) words(c *cuda.Commands) cuda.Pointer {
	return c.PerStep(len(op.weights), func(_ uint64, words []uint32) {
		for r, w := range op.weights {
			words[r] = math.Float32bits(float32(w))
		}
	})
}
