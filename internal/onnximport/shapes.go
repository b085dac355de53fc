package onnximport

import (
	"math"
	"slices"
)

// reshapeTo keeps the size of an axis where the shape has 0, and finds the one at -1.
func (c *call) reshapeTo() []*value {
	x := c.x(0)
	to := slices.Clone(c.intsOr("shape", 1))
	if to == nil {
		fail("there is no shape, want one")
	}
	known, open := 1, -1
	for i, n := range to {
		switch {
		case n == 0 && c.attrInt("allowzero", 0) == 0:
			if i >= len(x.shape) {
				fail("the shape is %v, whose axis %d is 0, and the input has shape %v, which has no such axis to keep", to, i, x.shape)
			}
			to[i] = x.shape[i]
		case n == -1 && open < 0:
			open = i
			continue
		case n < 0:
			fail("the shape is %v, want sizes of at least 0 and at most one -1", to)
		}
		if to[i] > maxElements/max(known, 1) {
			fail("the shape is %v, want as many elements as in %v", to, x.shape)
		}
		known *= to[i]
	}
	if open >= 0 {
		if known == 0 || sizeOf(x.shape)%known != 0 {
			fail("the shape is %v, want as many elements as in %v", to, x.shape)
		}
		to[open] = sizeOf(x.shape) / known
	}
	return one(c.reshape(x, to...))
}

func (c *call) flatten() []*value {
	x := c.x(0)
	axis := c.attrInt("axis", 1)
	if axis != len(x.shape) {
		axis = c.axis(axis, len(x.shape))
	}
	return one(c.reshape(x, sizeOf(x.shape[:axis]), sizeOf(x.shape[axis:])))
}

func (c *call) transposeBy() []*value {
	x := c.x(0)
	perm := c.attrInts("perm")
	if perm == nil {
		perm = downTo0(len(x.shape))
	}
	if sorted := c.axes(perm, len(x.shape)); len(sorted) != len(x.shape) {
		fail("perm is %v, want each of the %d axes once", perm, len(x.shape))
	}
	return one(c.transpose(x, perm...))
}

func (c *call) concatAlong() []*value {
	x := c.x(0)
	for i := range c.in {
		c.x(i)
	}
	return one(c.concat(c.axis(c.attrInt("axis", 1), len(x.shape)), c.in...))
}

// split cuts an axis into parts of given sizes, or into as many as there are outputs.
func (c *call) split() []*value {
	x, n := c.x(0), len(c.n.Output)
	axis := c.axis(c.attrInt("axis", 0), len(x.shape))
	sizes := c.intsOr("split", 1)
	if sizes == nil {
		each := (x.shape[axis] + n - 1) / n
		for left := x.shape[axis]; len(sizes) < n; left -= each {
			sizes = append(sizes, max(0, min(each, left)))
		}
	}
	var out []*value
	from := 0
	for _, size := range sizes {
		out = append(out, c.part(x, axis, from, size))
		from += size
	}
	if from != x.shape[axis] {
		fail("the parts have sizes %v, want %d together", sizes, x.shape[axis])
	}
	return out
}

// slice takes a range of some axes, which may go backwards. Bounds beyond an axis are at
// its end.
func (c *call) slice() []*value {
	x := c.x(0)
	starts, ends := c.intsOr("starts", 1), c.intsOr("ends", 2)
	axes, steps := c.intsOr("axes", 3), []int(nil)
	if c.has(4) {
		steps = c.ints(4)
	}
	if axes == nil {
		axes = make([]int, len(starts))
		for i := range axes {
			axes[i] = i
		}
	}
	if steps == nil {
		steps = ones(len(starts))
	}
	if len(ends) != len(starts) || len(axes) != len(starts) || len(steps) != len(starts) {
		fail("there are %d starts, %d ends, %d axes and %d steps, want as many of each", len(starts), len(ends), len(axes), len(steps))
	}
	c.axes(axes, len(x.shape))
	for i, axis := range axes {
		axis = c.axis(axis, len(x.shape))
		x = c.take(x, axis, c.between(starts[i], ends[i], steps[i], x.shape[axis]))
	}
	return one(x)
}

// between are the indices of an axis of n from a start up to an end, by steps.
func (c *call) between(start, end, step, n int) []int {
	if step == 0 || step == math.MinInt {
		fail("a step is %d, want another number", step)
	}
	clamp := func(i, low, high int) int {
		if i < 0 {
			i += n
		}
		return max(low, min(i, high))
	}
	index := []int{}
	c.spend(n)
	if step > 0 {
		for i, to := clamp(start, 0, n), clamp(end, 0, n); i < to; i += min(step, n) {
			index = append(index, i)
		}
		return index
	}
	for i, to := clamp(start, -1, n-1), clamp(end, -1, n-1); i > to; i += max(step, -n-1) {
		index = append(index, i)
	}
	return index
}

func (c *call) squeeze() []*value {
	x := c.x(0)
	axes := c.axes(c.intsOr("axes", 1), len(x.shape))
	if len(axes) == 0 {
		for axis, n := range x.shape {
			if n == 1 {
				axes = append(axes, axis)
			}
		}
	}
	for _, axis := range axes {
		if x.shape[axis] != 1 {
			fail("it has shape %v, want 1 at axis %d, which is to go", x.shape, axis)
		}
	}
	return one(c.reshape(x, without(x.shape, axes)...))
}

func (c *call) unsqueeze() []*value {
	x, axes := c.x(0), c.intsOr("axes", 1)
	if len(axes) > 64 {
		fail("there are %d axes, want at most 64", len(axes))
	}
	shape := slices.Clone([]int(x.shape))
	for _, axis := range c.axes(axes, len(x.shape)+len(axes)) {
		shape = slices.Insert(shape, axis, 1)
	}
	return one(c.reshape(x, shape...))
}

func (c *call) expandTo() []*value {
	x, to := c.x(0), c.ints(1)
	for _, n := range to {
		if n < 0 || n > largest {
			fail("the shape is %v, want sizes of at least 0 and at most 2³⁰", to)
		}
	}
	shape, ok := broadcast(x.shape, to)
	if !ok {
		fail("it has shape %v, want one that is broadcast to %v", x.shape, to)
	}
	return one(c.expand(x, shape))
}

func (c *call) tile() []*value {
	x, repeats := c.x(0), c.ints(1)
	if len(repeats) != len(x.shape) {
		fail("the repeats are %v, want one for each axis of shape %v", repeats, x.shape)
	}
	for axis, times := range repeats {
		n := x.shape[axis]
		if times < 0 || times > largest || n > largest {
			fail("the repeats are %v, want at least 0 and at most 2³⁰", repeats)
		}
		c.spend(times * n)
		index := make([]int, times*n)
		for i := range index {
			index[i] = i % n
		}
		x = c.take(x, axis, index)
	}
	return one(x)
}

func (c *call) depthToSpace() []*value {
	x, b := c.x(0), c.attrInt("blocksize", 0)
	if len(x.shape) != 4 || b < 1 || b > 1<<10 || x.shape[1]%(b*b) != 0 {
		fail("it has shape %v and the blocksize is %d, want (N, C, H, W) with a C that its square divides", x.shape, b)
	}
	n, ch, h, w := x.shape[0], x.shape[1]/(b*b), x.shape[2], x.shape[3]
	switch mode := c.attrString("mode", "DCR"); mode {
	case "DCR":
		x = c.transpose(c.reshape(x, n, b, b, ch, h, w), 0, 3, 4, 1, 5, 2)
	case "CRD":
		x = c.transpose(c.reshape(x, n, ch, b, b, h, w), 0, 1, 4, 2, 5, 3)
	default:
		fail("mode is %q, want DCR or CRD", mode)
	}
	return one(c.reshape(x, n, ch, h*b, w*b))
}

func (c *call) spaceToDepth() []*value {
	x, b := c.x(0), c.attrInt("blocksize", 0)
	if len(x.shape) != 4 || b < 1 || x.shape[2]%b != 0 || x.shape[3]%b != 0 {
		fail("it has shape %v and the blocksize is %d, want (N, C, H, W) with an H and a W that it divides", x.shape, b)
	}
	n, ch, h, w := x.shape[0], x.shape[1], x.shape[2]/b, x.shape[3]/b
	x = c.transpose(c.reshape(x, n, ch, h, b, w, b), 0, 3, 5, 1, 2, 4)
	return one(c.reshape(x, n, ch*b*b, h, w))
}
