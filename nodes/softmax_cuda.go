package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// Launch implements [graph.Launcher].
func (op softmax) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchLines(c, "softmax", linesAlong(y.Shape, op.axis), y, in[0])
}

// Launch implements [graph.Launcher].
func (op logSoftmax) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchLines(c, "log_softmax", linesAlong(y.Shape, op.axis), y, in[0])
}

// Launch implements [graph.Launcher].
func (op softmaxGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	launchLines(c, "softmax_grad", linesAlong(dx.Shape, op.axis), dx, in[0], in[1], float32(1))
}

// Launch implements [graph.Launcher].
func (op logSoftmaxGrad) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	launchLines(c, "log_softmax_grad", linesAlong(dx.Shape, op.axis), dx, in[0], in[1])
}

// launchLines launches the kernel of that name for lines of this kind.
func launchLines(c *cuda.Commands, kernel string, l lines, args ...any) {
	if l.inner > 1 {
		c.Each(kernel+"_strided", l.outer*l.inner, append(args, l.outer*l.inner, l.n, l.inner)...)
		return
	}
	launchRows(c, kernel, l.outer, l.n, args...)
}

// launchRows launches the kernel of that name for rows of n neighbours.
func launchRows(c *cuda.Commands, kernel string, rows, n int, args ...any) {
	args = append(args, rows, n)
	if n > 1024 {
		c.Blocks(kernel+"_blocks", rows, cuda.Block, args...)
		return
	}
	launchWarps(c, kernel+"_warps", rows, args...)
}

// launchWarps launches a kernel with a warp for each row, eight of them in a block.
func launchWarps(c *cuda.Commands, kernel string, rows int, args ...any) {
	c.Launch(kernel, [3]int{(rows + 7) / 8, 1, 1}, [3]int{32, 8, 1}, args...)
}
