package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (relu) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Each("relu", y.Len(), y, in[0], y.Len())
}
