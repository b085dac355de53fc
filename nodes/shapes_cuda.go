package nodes

import "github.com/thinnet/thinnet/internal/cuda"

// launchRowCopies copies rows of so many elements, which lie some distance apart on either
// side.
func launchRowCopies(c *cuda.Commands, y, x cuda.Pointer, rows, length, apartY, apartX int) {
	if n := rows * length; n > 0 {
		c.Each("copy_rows", n, y, x, n, cuda.Divisor(length), length, int64(apartY), int64(apartX))
	}
}

// Launch implements [graph.Launcher].
func (op concat) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	l, offset := linesAlong(y.Shape, op.axis), 0
	for _, x := range in {
		n := x.Shape[op.at(x.Shape)]
		launchRowCopies(c, y.Add(offset*l.inner), x.Pointer, l.outer, n*l.inner, l.n*l.inner, n*l.inner)
		offset += n
	}
}

// Launch implements [graph.Launcher].
func (op slice) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	l := linesAlong(in[0].Shape, op.axis)
	launchRowCopies(c, y.Pointer, in[0].Add(op.offset*l.inner), l.outer, op.n*l.inner, op.n*l.inner, l.n*l.inner)
}

// Launch implements [graph.Launcher].
func (op zeroPad) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	l := linesAlong(y.Shape, op.at(y.Shape))
	n := l.n - op.before - op.after
	c.Fill(y.Pointer, 0, y.Len())
	launchRowCopies(c, y.Add(op.before*l.inner), in[0].Pointer, l.outer, n*l.inner, l.n*l.inner, n*l.inner)
}

// Launch implements [graph.Launcher].
func (op transpose) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Permute(y.Pointer, in[0].Pointer, in[0].Shape, op.axes)
}

// Launch implements [graph.Launcher].
func (op timeMajor) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	var lengths cuda.Pointer
	if len(in) > 1 {
		lengths = in[1].Pointer
	}
	swapSteps(c, y.Pointer, in[0].Pointer, lengths, y.Shape[0], y.Shape[1], y.Shape[2], op.back)
}

// swapSteps makes y (outer, inner, width) of x (inner, outer, width). Time is the first axis
// of y, or with back that of x; beyond the lengths, if there are some, y is 0.
func swapSteps(c *cuda.Commands, y, x, lengths cuda.Pointer, outer, inner, width int, back bool) {
	if n := outer * inner * width; n > 0 {
		c.Each("time_major", n, y, x, lengths, back, n, cuda.Divisor(width), width, cuda.Divisor(inner), inner, outer)
	}
}

// Launch implements [graph.Launcher].
func (reshape) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Copy(y.Pointer, in[0].Pointer, y.Bytes())
}

// Launch implements [graph.Launcher].
func (zeroGrad) Launch(c *cuda.Commands, dx cuda.Value, _ ...cuda.Value) {
	c.Fill(dx.Pointer, 0, dx.Len())
}

// Launch implements [graph.Launcher].
func (op pick) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Copy(y.Pointer, in[0].Add(op.row*y.Len()), y.Bytes())
}

// Launch implements [graph.Launcher].
func (stack) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	c.Copy(y.Pointer, in[0].Pointer, in[0].Bytes())
	c.Copy(y.Add(in[0].Len()), in[1].Pointer, in[1].Bytes())
}
