package onnximport

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// conv is a convolution of ours, whose padding is a node before it where it differs on
// the two sides.
func (c *call) conv() []*value {
	x, w := c.image(), c.x(1)
	if len(w.shape) != len(x.shape) {
		fail("the input has shape %v and the weight %v, want as many axes", x.shape, w.shape)
	}
	v := c.windows(x.shape[2:], w.shape[2:])
	v.padAutomatically(c.attrString("auto_pad", "NOTSET"))
	if !slices.Equal(v.kernel, w.shape[2:]) {
		fail("kernel_shape is %v and the weight has shape %v, want (out, in, kernel...)", v.kernel, w.shape)
	}
	pad := v.low
	if !slices.Equal(v.low, v.high) {
		x, pad = c.zeroPad(x, v.low, v.high), make([]int, len(v.in))
	}
	opts := []nodes.ConvOption{nodes.KernelSize(v.kernel...), nodes.Stride(v.stride...), nodes.Dilation(v.dilation...),
		nodes.Pad(pad...), nodes.Groups(c.attrInt("group", 1))}
	s := c.s.Given("weight", w.node())
	if c.has(2) {
		s = s.Given("bias", c.x(2).node())
	} else {
		opts = append(opts, nodes.NoBias())
	}
	make := []func(*graph.Scope, *graph.Node, int, int, ...nodes.ConvOption) *graph.Node{nodes.Conv1D, nodes.Conv2D, nodes.Conv3D}
	return node(make[len(v.in)-1](s, x.node(), w.shape[0], 1, opts...))
}

// zeroPad puts zeros around the spatial axes.
func (c *call) zeroPad(x *value, low, high []int) *value {
	n := x.node()
	for axis := range low {
		if low[axis] > 0 || high[axis] > 0 {
			n = nodes.ZeroPad(n, axis+2, low[axis], high[axis])
		}
	}
	return computed(x.kind, n)
}

// transposed is what a transposed convolution makes of each axis: of its whole output,
// that of no padding, some is cut off at both ends, or put there.
type transposed struct {
	windows
	extra []int // output_padding
	to    []int // the size of the output
}

func (c *call) transposedWindows(x, w *value) transposed {
	t := transposed{windows: c.windows(x.shape[2:], w.shape[2:]), extra: c.attrInts("output_padding")}
	if t.extra == nil {
		t.extra = make([]int, len(t.in))
	}
	t.check("output_padding", t.extra, 0)
	auto, to := c.attrString("auto_pad", "NOTSET"), c.attrInts("output_shape")
	if to != nil {
		t.check("output_shape", to, 1)
	}
	for axis, n := range t.in {
		if n > largest/t.stride[axis] {
			fail("strides are %v for an input of shape %v, want less", t.stride, x.shape)
		}
		whole := t.whole(axis) + t.extra[axis]
		switch {
		case to != nil && to[axis] > whole: // zeros at the end
			t.low[axis], t.high[axis] = 0, whole-to[axis]
		case to != nil:
			t.share(axis, whole-to[axis], auto == "SAME_UPPER")
		case auto == "SAME_UPPER" || auto == "SAME_LOWER":
			t.share(axis, whole-n*t.stride[axis], auto == "SAME_UPPER")
		case auto == "VALID":
			t.low[axis], t.high[axis] = 0, 0
		}
		size := whole - t.low[axis] - t.high[axis]
		if size < 1 {
			fail("pads are %v and %v, which leave nothing of the output", t.low, t.high)
		}
		t.to = append(t.to, size)
	}
	return t
}

// whole is the size of the output without padding.
func (t transposed) whole(axis int) int { return (t.in[axis]-1)*t.stride[axis] + t.span(axis) }

// direct says whether a node of ours does it with options alone.
func (t transposed) direct() bool {
	for axis, e := range t.extra {
		if t.low[axis] != t.high[axis] || t.low[axis] < 0 || e > 0 && e >= max(t.stride[axis], t.dilation[axis]) {
			return false
		}
	}
	return true
}

func (c *call) convTranspose() []*value {
	x, w := c.image(), c.x(1)
	if len(w.shape) != len(x.shape) {
		fail("the input has shape %v and the weight %v, want as many axes", x.shape, w.shape)
	}
	t, groups := c.transposedWindows(x, w), c.attrInt("group", 1)
	if !slices.Equal(t.kernel, w.shape[2:]) {
		fail("kernel_shape is %v and the weight has shape %v, want (in, out, kernel...)", t.kernel, w.shape)
	}
	if groups < 1 || groups > largest || w.shape[1] > largest {
		fail("group is %d, want at least 1", groups)
	}
	out := w.shape[1] * groups
	if len(t.in) == 2 && t.direct() {
		opts := []nodes.ConvTransposeOption{nodes.Stride(t.stride...), nodes.Dilation(t.dilation...), nodes.Groups(groups),
			nodes.KernelSize(t.kernel...), nodes.Pad(t.low...), nodes.OutputPad(t.extra...)}
		s := c.s.Given("weight", w.node())
		if c.has(2) {
			s = s.Given("bias", c.x(2).node())
		} else {
			opts = append(opts, nodes.NoBias())
		}
		return node(nodes.ConvTranspose2D(s, x.node(), out, 1, opts...))
	}
	y := c.cut(c.wholeTranspose(t, x, w, groups), t)
	if c.has(2) {
		y = c.operation("Add", y, c.reshape(c.x(2), append([]int{out}, ones(len(t.in))...)...))
	}
	return one(y)
}

// wholeTranspose is the output without padding and bias. With one spatial axis it is that
// of two; with three it is a convolution of x with zeros between its elements, by the
// kernel turned around.
func (c *call) wholeTranspose(t transposed, x, w *value, groups int) *value {
	out := w.shape[1] * groups
	if len(t.in) < 3 {
		wide := func(v []int) []int { return append(ones(2-len(v)), v...) }
		with := func(v *value) *value {
			return c.reshape(v, append(slices.Clone([]int(v.shape[:2])), wide(v.shape[2:])...)...)
		}
		y := nodes.ConvTranspose2D(c.s.Given("weight", with(w).node()), with(x).node(), out, 1, nodes.NoBias(), nodes.Groups(groups),
			nodes.KernelSize(wide(t.kernel)...), nodes.Stride(wide(t.stride)...), nodes.Dilation(wide(t.dilation)...))
		v := computed(floats, y)
		return c.reshape(v, append([]int{x.shape[0], out}, v.shape[4-len(t.in):]...)...)
	}
	pad := make([]int, len(t.in))
	for axis, stride := range t.stride {
		x = c.spread(x, axis+2, stride)
		w = c.take(w, axis+2, downTo0(w.shape[axis+2]))
		pad[axis] = t.span(axis) - 1
	}
	in := w.shape[0] / groups
	w = c.reshape(w, append([]int{groups, in, w.shape[1]}, t.kernel...)...)
	w = c.reshape(c.transpose(w, 0, 2, 1, 3, 4, 5), append([]int{out, in}, t.kernel...)...)
	return computed(floats, nodes.Conv3D(c.s.Given("weight", w.node()), x.node(), out, 1, nodes.NoBias(),
		nodes.KernelSize(t.kernel...), nodes.Dilation(t.dilation...), nodes.Pad(pad...), nodes.Groups(groups)))
}

// spread puts stride-1 zeros between two elements of an axis.
func (c *call) spread(x *value, axis, stride int) *value {
	if stride == 1 {
		return x
	}
	n := x.shape[axis]
	apart := slices.Insert(slices.Clone([]int(x.shape)), axis+1, 1)
	wide := computed(floats, nodes.ZeroPad(c.reshape(x, apart...).node(), axis+1, 0, stride-1))
	together := slices.Clone([]int(x.shape))
	together[axis] = n * stride
	return c.part(c.reshape(wide, together...), axis, 0, (n-1)*stride+1)
}

func downTo0(n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = n - 1 - i
	}
	return index
}

// cut takes from the whole output what the padding leaves; a negative padding puts zeros.
func (c *call) cut(y *value, t transposed) *value {
	for axis := range t.in {
		low, n := t.low[axis], t.whole(axis)
		if before, after := max(0, -low), max(0, t.to[axis]+low-n); before+after > 0 {
			y = computed(floats, nodes.ZeroPad(y.node(), axis+2, before, after))
			low += before
		}
		y = c.part(y, axis+2, low, t.to[axis])
	}
	return y
}
