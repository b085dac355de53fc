package onnximport

import (
	"fmt"
	"math"
	"strings"

	"github.com/thinnet/thinnet/internal/onnxgraph"
)

func (c *call) byFunction() []*value { return one(c.function(c.n.GetOpType(), c.x(0))) }

// byOperation is an operation of two operands. Before opset 7 the second was broadcast
// from an axis on.
func (c *call) byOperation() []*value {
	a, b := c.x(0), c.x(1)
	if axis := c.attrInt("axis", -1); c.attrInt("broadcast", 0) == 1 && axis >= 0 {
		trailing := len(a.shape) - axis - len(b.shape)
		if trailing < 0 {
			fail("the operands have shapes %v and %v, want the second within the first from axis %d on", a.shape, b.shape, axis)
		}
		b = c.reshape(b, append(append([]int{}, b.shape...), ones(trailing)...)...)
	}
	return one(c.operation(c.n.GetOpType(), a, b))
}

// all is an operation over all inputs.
func (c *call) all(name string) *value {
	v := c.x(0)
	for i := range c.in[1:] {
		v = c.operation(name, v, c.x(i+1))
	}
	return v
}

func (c *call) sum() []*value     { return one(c.all("Add")) }
func (c *call) extreme() []*value { return one(c.all(c.n.GetOpType())) }

func (c *call) mean() []*value { return one(c.scaled(c.all("Add"), 1/float64(len(c.in)), 0)) }

// mod has the sign of the dividend with fmod, and else that of the divisor.
func (c *call) mod() []*value {
	a, b := c.x(0), c.x(1)
	if c.attrInt("fmod", 0) == 1 {
		return one(c.operation("Mod", a, b))
	}
	if a.known == nil || b.known == nil {
		fail("fmod is 0, want 1, or operands that are known before the model runs")
	}
	shape, ok := broadcast(a.shape, b.shape)
	if !ok {
		fail("the operands have shapes %v and %v, want axes that are equal, or of size 1, from the last one on", a.shape, b.shape)
	}
	return one(c.later(a.kind, shape, func() *array {
		out := &array{a.kind, shape, make([]float64, sizeOf(shape))}
		x, y := a.known(), b.known()
		for i := range out.data {
			n, d := x.data[source(i, shape, x.shape)], y.data[source(i, shape, y.shape)]
			out.data[i] = n - d*math.Floor(n/d)
		}
		return out
	}))
}

func (c *call) isInf() []*value {
	low, high := c.attrInt("detect_negative", 1), c.attrInt("detect_positive", 1)
	return one(c.apply(unary{
		name: fmt.Sprintf("IsInf{%d, %d}", low, high),
		f: func(x float64) float64 {
			return truth(math.IsInf(x, -1) && low != 0 || math.IsInf(x, 1) && high != 0)
		},
		form: func(g *onnxgraph.Call) onnxgraph.Value {
			return g.Cast(g.Node("IsInf", onnxgraph.Attributes{"detect_negative": low, "detect_positive": high}, g.In...), g.Float)
		},
	}, bools, c.x(0)))
}

// reduction is any of those that begin with Reduce. Axes are an attribute or an input, as
// the opset has it.
func (c *call) reduction() []*value {
	x := c.x(0)
	axes := c.axes(c.intsOr("axes", 1), len(x.shape))
	if len(axes) == 0 {
		if c.attrInt("noop_with_empty_axes", 0) == 1 {
			return one(x)
		}
		for axis := range x.shape {
			axes = append(axes, axis)
		}
	}
	y := c.reduce(c.n.GetOpType(), x, axes)
	if c.attrInt("keepdims", 1) == 1 {
		return one(y)
	}
	return one(c.reshape(y, without(x.shape, axes)...))
}

// without is a shape without axes, which are in order.
func without(shape, axes []int) []int {
	out := []int{}
	for axis, n := range shape {
		if len(axes) > 0 && axes[0] == axis {
			axes = axes[1:]
			continue
		}
		out = append(out, n)
	}
	return out
}

// where chooses, by a condition that is broadcast with both.
func (c *call) where() []*value {
	all, ok := broadcast(c.x(0).shape, c.x(1).shape)
	if ok {
		all, ok = broadcast(all, c.x(2).shape)
	}
	if !ok {
		fail("the inputs have shapes %v, %v and %v, want axes that are equal, or of size 1, from the last one on", c.x(0).shape, c.x(1).shape, c.x(2).shape)
	}
	return one(c.expand(c.chosen(c.x(0).short(), c.x(1).short(), c.x(2).short()), all))
}

// chosen is a where cond is true, and b elsewhere; their shapes can be broadcast.
func (c *call) chosen(cond, a, b *value) *value {
	shape, _ := broadcast(cond.shape, a.shape)
	shape, _ = broadcast(shape, b.shape)
	known := !a.learn && !b.learn
	for _, v := range []*value{cond, a, b} {
		known = known && v.known != nil
	}
	if known {
		return c.later(a.kind, shape, func() *array {
			out := &array{a.kind, shape, make([]float64, sizeOf(shape))}
			w, x, y := cond.known(), a.known(), b.known()
			for i := range out.data {
				if w.data[source(i, shape, w.shape)] != 0 {
					out.data[i] = x.data[source(i, shape, x.shape)]
				} else {
					out.data[i] = y.data[source(i, shape, y.shape)]
				}
			}
			return out
		})
	}
	return computed(a.kind, c.s.Apply(choose{},
		c.expand(cond, shape).node(), c.expand(a, shape).node(), c.expand(b, shape).node()))
}

// kindOf is that of an element type by its name, before opset 6, or its number.
func (c *call) to() kind {
	for _, a := range c.n.Attribute {
		if a.GetName() == "to" {
			for t, e := range elements {
				if int64(t) == a.GetI() || len(a.S) > 0 && strings.EqualFold(t.String(), string(a.S)) {
					return e.kind
				}
			}
			fail("to is %d, want the type of numbers or booleans", a.GetI())
		}
	}
	fail("there is no attribute \"to\", want one")
	return 0
}

func (c *call) cast() []*value     { return one(c.as(c.to(), c.x(0))) }
func (c *call) castLike() []*value { return one(c.as(c.x(1).kind, c.x(0))) }

// as is v with elements of another kind.
func (c *call) as(k kind, v *value) *value {
	switch short := v.short(); {
	case k == v.kind:
		return v
	case short != v:
		return c.expand(c.as(k, short), v.shape)
	case v.known != nil && !v.learn:
		return c.later(k, v.shape, func() *array {
			return (&array{k, v.shape, append([]float64{}, v.known().data...)}).rounded()
		})
	case k == bools:
		return c.function("Not", c.apply(unary{name: "IsZero", f: func(x float64) float64 { return truth(x == 0) }, form: func(g *onnxgraph.Call) onnxgraph.Value {
			return g.Cast(g.Do("Equal", g.In[0], g.Scalar(0)), g.Float)
		}}, bools, v))
	case k == ints && v.kind == floats:
		return c.truncated(v)
	}
	same := *v // whole numbers are numbers
	same.kind = k
	return &same
}
