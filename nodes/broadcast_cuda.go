package nodes

import (
	"slices"

	"github.com/thinnet/thinnet/internal/cuda"
)

// Launch implements [graph.Launcher].
func (add) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchOperation(c, "add", y, in[0], in[1])
}

// Launch implements [graph.Launcher].
func (mul) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchOperation(c, "mul", y, in[0], in[1])
}

func launchOperation(c *cuda.Commands, kernel string, y, a, b cuda.Value) {
	if slices.Equal(a.Shape, b.Shape) {
		c.Fours(kernel, y.Len(), y, a, b, y.Len())
		return
	}
	axes := len(y.Shape)
	c.Strided(kernel+"_broadcast", y.Pointer, y.Shape,
		cuda.Strided{Pointer: a.Pointer, Steps: cuda.StepsOf(a.Shape, axes)},
		cuda.Strided{Pointer: b.Pointer, Steps: cuda.StepsOf(b.Shape, axes)})
}

// Launch implements [graph.Launcher].
func (sumTo) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.SumTo(y.Pointer, in[0].Pointer, in[0].Shape, y.Shape)
}

// Launch implements [graph.Launcher].
func (op reduce) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Sum(y.Pointer, in[0].Pointer, 1, in[0].Len(), 1, float32(op.by))
}

// Launch implements [graph.Launcher].
func (op spread) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	c.Each("spread", dx.Len(), dx, in[0], float32(op.by), dx.Len())
}
