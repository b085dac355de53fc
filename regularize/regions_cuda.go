package regularize

import (
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/philox"
)

// rateWords returns where kernels read a stream at the step, and the rate of it.
func rateWords(c *cuda.Commands, key philox.Key, r rate) cuda.Pointer {
	return c.PerStep(6, func(step uint64, words []uint32) {
		putStream(words, key, step)
		putFloat64(words[4:], r.at(key, step))
	})
}

// threadsFor returns how many threads of a block share n elements: whole warps, a power of
// two of them.
func threadsFor(n int) int { return cuda.Threads(n, 4) }

// Launch implements [graph.Launcher].
func (op squares) Launch(c *cuda.Commands, k cuda.Value, _ ...cuda.Value) {
	draws := rateWords(c, op.key, op.rate)
	h, w := op.shape[2], op.shape[3]
	c.Blocks("squares", op.shape[0], threadsFor(h*w), k, draws, h, w, op.size)
}

// Launch implements [graph.Launcher].
func (op focus) Launch(c *cuda.Commands, k cuda.Value, in ...cuda.Value) {
	takes := c.PerStep(2, func(step uint64, words []uint32) {
		takesPart, mu := op.atStep(step)
		words[0], words[1] = 0, math.Float32bits(float32(mu))
		if takesPart {
			words[0] = 1
		}
	})
	x := in[0].Shape
	size := graph.Shape(x[2:]).TotalSize()
	sums := c.Scratch(2 * x[0] * x[1])
	c.Blocks("focus_sums", x[0]*x[1], threadsFor(size), sums, in[0], takes, size)
	c.Blocks("focus", x[0], threadsFor(max(size, x[1])), k, in[0], sums, takes, x[1], size)
}

// Launch implements [graph.Launcher].
func (op maxDrop) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	x := in[1].Shape
	size := graph.Shape(x[2:]).TotalSize()
	draws := op.words(c)
	if op.across {
		c.Each("max_drop_across", x[0]*size, y, in[0], in[1], draws, x[1], size, x[0]*size)
		return
	}
	c.Blocks("max_drop_maps", x[0]*x[1], threadsFor(size), y, in[0], in[1], draws, size)
}

// Launch implements [graph.Launcher].
func (op selection) Launch(c *cuda.Commands, k cuda.Value, in ...cuda.Value) {
	draws := rateWords(c, op.key, op.rate)
	n, channels := op.shape[0], op.shape[1]
	keys := c.Scratch(2 * n * channels)
	c.Blocks("select_channels", n, threadsFor(channels), k, in[0], keys, draws, channels, op.selected)
}
