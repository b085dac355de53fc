package onnximport

import (
	"math"
	"slices"

	"github.com/thinnet/thinnet/nodes"
)

// gather takes rows by numbers that are known, or by numbers that the model computes, as
// an embedding does.
func (c *call) gather() []*value {
	x, at := c.x(0), c.x(1)
	axis := c.axis(c.attrInt("axis", 0), len(x.shape))
	n := x.shape[axis]
	if at.known != nil {
		index := slices.Clone(at.known().whole())
		for i, k := range index {
			if k < 0 {
				index[i] += n
			}
		}
		shape := slices.Concat([]int(x.shape[:axis]), at.shape, x.shape[axis+1:])
		return one(c.reshape(c.take(x, axis, index), shape...))
	}
	perm := []int{axis}
	for a := range x.shape {
		if a != axis {
			perm = append(perm, a)
		}
	}
	x = c.transpose(x, perm...)
	rest := x.shape[1:]
	if n < 1 || sizeOf(rest) < 1 {
		fail("it has shape %v, want elements", x.shape)
	}
	table := c.reshape(x, n, sizeOf(rest))
	y := computed(x.kind, nodes.Embedding(c.s.Given("weight", table.node()), at.node(), n, sizeOf(rest)))
	y = c.reshape(y, slices.Concat([]int(at.shape), rest)...)
	perm = perm[:0] // the axes of the numbers take the place of that of the rows
	for a := range axis {
		perm = append(perm, len(at.shape)+a)
	}
	for a := range at.shape {
		perm = append(perm, a)
	}
	for a := axis; a < len(rest); a++ {
		perm = append(perm, len(at.shape)+a)
	}
	return one(c.transpose(y, perm...))
}

func (c *call) ofInts(shape []int, v ...int) []*value {
	return one(c.constant(&array{ints, shape, widened(v)}))
}

func (c *call) shape() []*value {
	x := c.x(0)
	dims := len(x.shape)
	clamp := func(i int) int {
		if i < 0 {
			i += dims
		}
		return max(0, min(i, dims))
	}
	from, to := clamp(c.attrInt("start", 0)), clamp(c.attrInt("end", dims))
	v := x.shape[from:max(from, to)]
	return c.ofInts([]int{len(v)}, v...)
}

func (c *call) size() []*value { return c.ofInts(nil, sizeOf(c.x(0).shape)) }

func (c *call) identity() []*value { return one(c.x(0)) }

func (c *call) constantNode() []*value {
	if len(c.n.Attribute) != 1 {
		fail("there are %d attributes, want one", len(c.n.Attribute))
	}
	a := c.n.Attribute[0]
	switch a.GetName() {
	case "value":
		return one(c.constantOf(c.tensor(c.n.Attribute[0].GetName())))
	case "value_float":
		return one(c.constant(&array{floats, nil, []float64{float64(a.GetF())}}))
	case "value_floats":
		return one(c.constant(&array{floats, []int{len(a.Floats)}, widened(a.Floats)}))
	case "value_int":
		return c.ofInts(nil, int(a.GetI()))
	}
	return one(c.constant(&array{ints, []int{len(a.Ints)}, widened(a.Ints)}))
}

// tensor is that of an attribute.
func (c *call) tensor(name string) *stored {
	a := c.attribute(name, onnxTensor)
	if a == nil || a.T == nil {
		fail("attribute %q has no tensor", name)
	}
	t, err := check(a.T, c.f.outside)
	if err != nil {
		fail("attribute %q: %v", name, err)
	}
	return t
}

func (c *call) constantOfShape() []*value {
	v := &array{floats, nil, []float64{0}}
	if c.attribute("value", onnxTensor) != nil {
		v = c.tensor("value").array()
	}
	shape := c.ints(0)
	if len(v.data) != 1 {
		fail("the value has shape %v, want one number", v.shape)
	}
	n := 1
	for _, d := range shape {
		if d < 0 || d > maxElements/max(n, 1) {
			fail("the shape is %v, want sizes of at least 0 and at most 2⁴⁰ elements", shape)
		}
		n *= d
	}
	return one(c.filled(v.kind, v.data[0], shape...))
}

func (c *call) rangeOf() []*value {
	start, limit, delta := c.number(0, 0), c.number(1, 0), c.number(2, 1)
	n := math.Ceil((limit - start) / delta)
	if !(math.Abs(n) < maxElements) {
		fail("the range from %v to %v by %v is not finite", start, limit, delta)
	}
	k := c.x(0).kind
	return one(c.later(k, []int{int(max(n, 0))}, func() *array {
		a := &array{k, []int{int(max(n, 0))}, make([]float64, int(max(n, 0)))}
		for i := range a.data {
			a.data[i] = start + float64(i)*delta
		}
		return a
	}))
}
