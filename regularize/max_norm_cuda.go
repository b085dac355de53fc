package regularize

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Constraint].
func (n norms) Launch(c *cuda.Commands, w cuda.Value) {
	size := w.Len() / w.Shape[0]
	c.Blocks("renorm", w.Shape[0], threadsFor(size), w, n.low, n.high, size)
}
