package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op increment) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Each("increment", 1, y, in[0], op.by)
}

// last is the size of the last virtual batch.
func (g ghosts) last() int {
	_, n := g.at(g.count() - 1)
	return n
}

// Launch implements [graph.Launcher].
func (op track) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	n := y.Len()
	c.Each("track", n, y, in[0], in[1], in[2], n, op.row, op.parts.count(), op.parts.size, op.parts.last(), op.values, op.momentum, op.cumulative)
}

// Launch implements [graph.Launcher].
func (op accumulate) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	n := op.of.Groups
	c.Each("accumulate", n, y, in[0], in[1], in[2], n, op.parts.count(), op.parts.size, op.parts.last(), op.of.Inner)
}
