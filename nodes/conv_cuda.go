package nodes

import (
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Launch implements [graph.Launcher]. Rows are the channels of y, columns its points, and
// terms the weights of a channel.
func (op conv) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	g := op.g
	perGroup, outs, taps := g.C/g.Groups, g.OC/g.Groups, points(g.Kernel)
	t := contraction{
		groups: g.Groups, rows: outs, columns: g.N * points(g.Out), terms: perGroup * taps,
		toGroup: outs * points(g.Out), leftGroup: outs * perGroup * taps, xGroup: perGroup * points(g.In),
		in: g.In, column: g.Out, columnX: g.C * points(g.In), scale: g.Stride, shift: negative(g.Pad),
		columnTo: g.OC * points(g.Out), to: rowsOf(g.Out),
		term: g.Kernel, termX: points(g.In), apart: g.Dilation,
		termLeft: taps, left: rowsOf(g.Kernel), toRow: points(g.Out), leftRow: perGroup * taps,
	}
	t.launch(c, "conv", y, in[1], in[0], in[2:], op.relu, true)
}

// Launch implements [graph.Launcher].
func (op convGradX) Launch(c *cuda.Commands, dx cuda.Value, in ...cuda.Value) {
	launchConvGradX(c, op.of.g, dx, in[0], in[1], nil, false)
}

// Launch implements [graph.Launcher].
func (op convTranspose) Launch(c *cuda.Commands, y cuda.Value, in ...cuda.Value) {
	launchConvGradX(c, op.of.g, y, in[0], in[1], in[2:], op.of.relu)
}

// A phase is the positions p·stride + first of one axis of the input of a convolution. They
// have the same taps of the kernel, each step-th from the first on, n of them; to the outputs
// that these see, the first is at shift, and the others are each `apart` further on.
type phase struct{ first, positions, tap, step, n, shift, apart int }

// phasesOf returns the phases of an axis.
func phasesOf(g *kernel.Conv, axis int) []phase {
	var all []phase
	stride, dilation := g.Stride[axis], g.Dilation[axis]
	step := stride / gcd(stride, dilation)
	for first := range min(stride, g.In[axis]) {
		p := phase{first: first, positions: ceil(g.In[axis]-first, stride), step: step, apart: -step * dilation / stride}
		for k := range min(step, g.Kernel[axis]) {
			if at := first + g.Pad[axis] - k*dilation; at%stride == 0 {
				p.tap, p.n, p.shift = k, ceil(g.Kernel[axis]-k, step), at/stride
			}
		}
		all = append(all, p)
	}
	return all
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// launchConvGradX computes dx, of which each combination of phases is a convolution of dy
// with a stride of 1. Rows are the channels of x, columns its points, and terms the weights
// of those points, in all channels of y.
func launchConvGradX(c *cuda.Commands, g *kernel.Conv, dx, dy, w cuda.Value, bias []cuda.Value, relu bool) {
	perGroup, outs, taps := g.C/g.Groups, g.OC/g.Groups, points(g.Kernel)
	t := contraction{
		groups: g.Groups, rows: perGroup,
		toGroup: perGroup * points(g.In), leftGroup: outs * perGroup * taps, xGroup: outs * points(g.Out),
		in: g.Out, columnX: g.OC * points(g.Out), scale: extents{1, 1, 1},
		columnTo: g.C * points(g.In), termX: points(g.Out),
		termLeft: perGroup * taps, toRow: points(g.In), leftRow: taps,
	}
	var phases [3][]phase
	for axis := range phases {
		phases[axis] = phasesOf(g, axis)
	}
	whole := len(phases[0])*len(phases[1])*len(phases[2]) == 1
	for _, d := range phases[0] {
		for _, h := range phases[1] {
			for _, v := range phases[2] {
				t := t
				for axis, p := range [3]phase{d, h, v} {
					t.column[axis], t.term[axis], t.shift[axis], t.apart[axis] = p.positions, p.n, p.shift, p.apart
					t.to[axis] = g.Stride[axis] * rowsOf(g.In)[axis]
					t.left[axis] = p.step * rowsOf(g.Kernel)[axis]
				}
				t.columns, t.terms = g.N*points(t.column), outs*points(t.term)
				if t.terms == 0 {
					t.term = extents{1, 1, 1}
				}
				first := dot3(extents{d.first, h.first, v.first}, rowsOf(g.In))
				tap := dot3(extents{d.tap, h.tap, v.tap}, rowsOf(g.Kernel))
				t.launchAt(c, "conv", dx, dx.Add(first), w.Add(tap), dy, bias, relu, whole)
			}
		}
	}
}

func dot3(a, b extents) int { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

func negative(e extents) extents { return extents{-e[0], -e[1], -e[2]} }

// Launch implements [graph.Launcher]. Rows are the channels of y, columns the weights of one,
// and terms the points of y in all samples.
func (op convGradW) Launch(c *cuda.Commands, dw cuda.Value, in ...cuda.Value) {
	g := op.of.g
	perGroup, outs, taps := g.C/g.Groups, g.OC/g.Groups, points(g.Kernel)
	t := contraction{
		groups: g.Groups, rows: outs, columns: perGroup * taps, terms: g.N * points(g.Out),
		toGroup: outs * perGroup * taps, leftGroup: outs * points(g.Out), xGroup: perGroup * points(g.In),
		in: g.In, column: g.Kernel, columnX: points(g.In), scale: g.Dilation,
		columnTo: taps, to: rowsOf(g.Kernel),
		term: g.Out, termX: g.C * points(g.In), apart: g.Stride, shift: negative(g.Pad),
		termLeft: g.OC * points(g.Out), left: rowsOf(g.Out), toRow: perGroup * taps, leftRow: points(g.Out),
	}
	t.launch(c, "conv_weights", dw, in[1], in[0], nil, false, true)
}
