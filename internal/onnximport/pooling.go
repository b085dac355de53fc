package onnximport

import (
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxpb"
	"github.com/thinnet/thinnet/nodes"
)

func (c *call) pooled() (*value, windows) {
	x := c.image()
	if c.attribute("kernel_shape", onnxpb.AttributeProto_INTS) == nil {
		fail("there is no attribute \"kernel_shape\", want one")
	}
	w := c.windows(x.shape[2:], nil)
	w.padAutomatically(c.attrString("auto_pad", "NOTSET"))
	return x, w
}

// maxPool pads by a node before it with what never wins, where our pooling has no such
// padding.
func (c *call) maxPool() []*value {
	x, w := c.pooled()
	given, all := x, w
	if !w.plain() {
		for axis := range w.in {
			x = c.padWith(x, axis+2, w.low[axis], w.beyond(axis), math.Inf(-1))
		}
		w.low = make([]int, len(w.in))
	}
	y := c.apart(x, w, func(x *graph.Node, k, s, d, p []int) *graph.Node {
		opts := []nodes.MaxPoolOption{nodes.KernelSize(k...), nodes.Stride(s...), nodes.Dilation(d...), nodes.Pad(p...)}
		if len(k) == 1 {
			return nodes.MaxPool1D(x, 1, opts...)
		}
		return nodes.MaxPool2D(x, 1, opts...)
	})
	return []*value{y, c.indices(given, all, y)}
}

// plain says whether a pooling of ours has the padding: the same on both sides, and at
// most half of the kernel.
func (w *windows) plain() bool {
	for axis := range w.in {
		if w.low[axis] > w.kernel[axis]/2 || w.dilation[axis] > w.in[axis] {
			return false
		}
	}
	return w.symmetric() && !w.ceil
}

// apart is a pooling over one or two axes, or over three as one over two and then one
// over the first: its windows are boxes.
func (c *call) apart(x *value, w windows, pool func(x *graph.Node, kernel, stride, dilation, pad []int) *graph.Node) *value {
	if len(w.in) < 3 {
		return computed(x.kind, pool(x.node(), w.kernel, w.stride, w.dilation, w.low))
	}
	n, ch, d := x.shape[0], x.shape[1], x.shape[2]
	maps := c.reshape(x, n, ch*d, x.shape[3], x.shape[4])
	y := computed(x.kind, pool(maps.node(), w.kernel[1:], w.stride[1:], w.dilation[1:], w.low[1:]))
	h, wide := y.shape[2], y.shape[3]
	first := func(v []int, other int) []int { return []int{v[0], other} }
	y = computed(x.kind, pool(c.reshape(y, n, ch, d, h*wide).node(), first(w.kernel, 1), first(w.stride, 1), first(w.dilation, 1), first(w.low, 0)))
	return c.reshape(y, n, ch, y.shape[2], h, wide)
}

// averagePool is that of ours, or where the padding differs the average over windows with
// zeros, put right by factors: which of the padding counts differs too.
func (c *call) averagePool() []*value {
	x, w := c.pooled()
	return one(c.average(x, w, c.attrInt("count_include_pad", 0) == 1))
}

func (c *call) average(x *value, w windows, include bool) *value {
	pool := func(x *graph.Node, k, s, _, p []int) *graph.Node {
		opts := []nodes.AvgPoolOption{nodes.KernelSize(k...), nodes.Stride(s...), nodes.Pad(p...), nodes.CountIncludePad(include)}
		if len(k) == 1 {
			return nodes.AvgPool1D(x, 1, opts...)
		}
		return nodes.AvgPool2D(x, 1, opts...)
	}
	if w.plain() {
		return c.apart(x, w, pool)
	}
	bare := w
	bare.low, bare.high = make([]int, len(w.in)), make([]int, len(w.in))
	high := make([]int, len(w.in))
	for axis := range w.in {
		high[axis] = w.beyond(axis)
	}
	y := c.apart(c.zeroPad(x, w.low, high), bare, pool)
	for axis := range w.in {
		factors := make([]float64, w.out(axis))
		c.spend(len(factors))
		for p := range factors {
			factors[p] = float64(w.kernel[axis]) / float64(w.counted(axis, p, include))
		}
		shape := append([]int{len(factors)}, ones(len(w.in)-axis-1)...)
		y = c.operation("Mul", y, c.constant(&array{floats, shape, factors}))
	}
	return y
}

// counted is how many positions of an axis the average of window p is over.
func (w *windows) counted(axis, p int, include bool) int {
	from := p*w.stride[axis] - w.low[axis]
	to := from + w.kernel[axis]
	if include {
		return min(to, w.in[axis]+w.high[axis]) - from
	}
	if n := min(to, w.in[axis]) - max(from, 0); n > 0 {
		return n
	}
	fail("window %d of axis %d sees padding alone, want an element of the input", p, axis)
	return 0
}

// lpPool is (Σ |x|^p)^(1/p) over each window.
func (c *call) lpPool() []*value {
	x, w := c.pooled()
	p := float64(c.attrInt("p", 2))
	if p < 1 {
		fail("p is %v, want at least 1", p)
	}
	n := 1.0
	for _, k := range w.kernel {
		n *= float64(k)
	}
	number := func(v float64) *value { return c.constant(&array{floats, nil, []float64{v}}) }
	y := c.operation("Pow", c.function("Abs", x), number(p))
	// Zeros add nothing, so all of the windows count as whole.
	bare := w
	bare.low, bare.high = make([]int, len(w.in)), make([]int, len(w.in))
	high := make([]int, len(w.in))
	for axis := range w.in {
		high[axis] = w.beyond(axis)
	}
	padded := c.zeroPad(y, w.low, high)
	bare.in, bare.ceil = padded.shape[2:], false
	y = c.average(padded, bare, true)
	return one(c.operation("Pow", c.scaled(y, n, 0), number(1/p)))
}

// maps are the spatial axes.
func (c *call) maps() (x *value, axes []int) {
	x = c.image()
	for axis := range x.shape[2:] {
		axes = append(axes, axis+2)
	}
	return x, axes
}

func (c *call) globalAveragePool() []*value {
	x, axes := c.maps()
	return one(c.reduce("ReduceMean", x, axes))
}

func (c *call) globalMaxPool() []*value {
	x, axes := c.maps()
	return one(c.reduce("ReduceMax", x, axes))
}

func (c *call) globalLpPool() []*value {
	x, axes := c.maps()
	p := float64(c.attrInt("p", 2))
	if p < 1 {
		fail("p is %v, want at least 1", p)
	}
	number := func(v float64) *value { return c.constant(&array{floats, nil, []float64{v}}) }
	sum := c.reduce("ReduceSum", c.operation("Pow", c.function("Abs", x), number(p)), axes)
	return one(c.operation("Pow", sum, number(1/p)))
}
