package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
)

// classWeightArgs are the weights of classes as parameters of a kernel: where they are, and
// whether there are any.
func classWeightArgs(c *cuda.Commands, weights []float64, none cuda.Value) []any {
	if weights == nil {
		return []any{none, false}
	}
	return []any{c.Constants(weights), true}
}

// targetArgs are the targets as parameters of a kernel, and what goes with them.
func (o nllSettings) targetArgs(c *cuda.Commands, target cuda.Value) []any {
	report := c.Report(func(position int, value int32) error {
		return o.wrong(graph.Shape(target.Shape), position, int(value))
	})
	return append([]any{target, report, int64(o.ignoreIndex), o.classes}, classWeightArgs(c, o.weights, target)...)
}

// smoothingArgs are the shares of the target's class and of every class.
func (o nllSettings) smoothingArgs() []any {
	return []any{float32(1 - o.smoothing), float32(o.smoothing / float64(o.classes))}
}

// Launch implements [graph.Launcher].
func (op nllLosses) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	logp, target := in[0], in[1]
	l := linesAlong(logp.Shape, 1)
	args := append([]any{y, logp}, op.smoothingArgs()...)
	if op.smoothing != 0 && l.inner == 1 {
		launchWarps(c, "nll_losses_warps", l.outer, append(append(args, l.outer), op.targetArgs(c, target)...)...)
		return
	}
	c.Each("nll_losses", y.Len(), append(append(args, l.inner, y.Len()), op.targetArgs(c, target)...)...)
}

// Launch implements [graph.Launcher].
func (op nllGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	l := linesAlong(dx.Shape, 1)
	args := append([]any{dx, in[0]}, op.smoothingArgs()...)
	args = append(args, cuda.Divisor(l.inner), cuda.Divisor(l.n), l.inner, dx.Len())
	c.Each("nll_grad", dx.Len(), append(args, op.targetArgs(c, in[1])...)...)
}

// positionsPerBlock are as many as one block takes before a second one is worth a second
// launch.
const positionsPerBlock = 4096

// Launch implements [graph.Launcher].
func (op nllMean) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	n := in[1].Len()
	blocks, share := split(1, n, positionsPerBlock)
	parts := c.Scratch(2 * blocks)
	c.Blocks("nll_mean", blocks, cuda.Block, append([]any{y, parts, in[0], share, n}, op.targetArgs(c, in[1])...)...)
	if blocks > 1 {
		c.Blocks("nll_mean_join", 1, cuda.Block, y, parts, blocks)
	}
}

// Launch implements [graph.Launcher].
func (op nllMeanGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	n := in[1].Len()
	blocks, share := split(1, n, positionsPerBlock)
	parts, target := c.Scratch(blocks), op.targetArgs(c, in[1])
	if blocks > 1 {
		c.Blocks("nll_weights", blocks, cuda.Block, append([]any{parts, share, n}, target...)...)
	} else {
		blocks = 0 // each block of the next kernel takes the sum by itself
	}
	c.Each("nll_mean_grad", n, append([]any{dx, in[0], parts, blocks, n}, target...)...)
}
