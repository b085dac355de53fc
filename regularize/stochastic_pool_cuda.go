package regularize

import (
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/philox"
)

// launch launches a kernel for each element of y, with what windows see.
func (w windows) launch(c *cuda.Commands, kernel string, y cuda.Value, in []cuda.Value, rest ...any) {
	c.Windows(kernel, y, in, w.g.Axes(), rest...)
}

// streamWords returns where kernels read the stream of a step.
func streamWords(c *cuda.Commands, key philox.Key) cuda.Pointer {
	return c.PerStep(4, func(step uint64, words []uint32) { putStream(words, key, step) })
}

// Launch implements [graph.Launcher].
func (op samplePool) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	op.launch(c, "sample_pool", y, in[:1], streamWords(c, op.key))
}

// Launch implements [graph.Launcher].
func (op samplePoolGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	op.of.launch(c, "sample_pool_grad", dx, in[:2], streamWords(c, op.of.key))
}

// Launch implements [graph.Launcher].
func (op ownPool) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	op.launch(c, "own_pool", y, in)
}

// Launch implements [graph.Launcher].
func (op ownPoolGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	op.of.launch(c, "own_pool_grad", dx, in)
}
