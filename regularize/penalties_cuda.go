package regularize

import (
	"github.com/thinnet/thinnet/internal/cuda"
)

// launchPenalty records y = factor · Σ of |w|, or of w². Each block adds up a share, and one
// more the shares: that way the order is always the same.
func launchPenalty(c *cuda.Commands, y, w cuda.Value, squares bool, factor float64) {
	const least, most = 4096, 1024 // elements of a share, and shares
	n := w.Len()
	blocks := max(1, min(most, (n+least-1)/least))
	share := ((n+blocks-1)/blocks + 3) &^ 3 // whole vectors of 4
	parts := c.Scratch(2 * blocks)
	c.Blocks("penalty_parts", blocks, cuda.Block, parts, w, squares, share, n)
	c.Blocks("penalty", 1, cuda.Block, y, parts, factor, blocks)
}

// Launch implements [graph.Launcher].
func (op l1) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchPenalty(c, y, in[0], false, op.lambda)
}

// Launch implements [graph.Launcher].
func (op l2) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchPenalty(c, y, in[0], true, op.lambda)
}

// Launch implements [graph.Launcher].
func (op l1Grad) Launch(c *cuda.Commands, dw cuda.Value, in ...cuda.Value) {
	eachFour(c, "penalty_sign", dw.Len(), dw, in[0], in[1], op.lambda)
}

// Launch implements [graph.Launcher].
func (op l2Grad) Launch(c *cuda.Commands, dw cuda.Value, in ...cuda.Value) {
	eachFour(c, "penalty_scale", dw.Len(), dw, in[0], in[1], 2*op.lambda)
}

// Launch implements [graph.Launcher].
func (timeDifference) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	steps, width := y.Shape[1], y.Shape[2]
	if y.Len() > 0 {
		c.Each("time_difference", y.Len(), y, in[0], cuda.Divisor(steps*width), width, y.Len())
	}
}

// Launch implements [graph.Launcher].
func (timeDifferenceGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	steps, width := dx.Shape[1], dx.Shape[2]
	if dx.Len() > 0 {
		c.Each("time_difference_grad", dx.Len(), dx, in[0], cuda.Divisor(steps*width), steps*width, (steps-1)*width, width, dx.Len())
	}
}
