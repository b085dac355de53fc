package onnximport

import (
	"fmt"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// padding puts a number before and after an axis.
type padding struct {
	axis, before, after int
	number              float64
}

func (op padding) String() string {
	return fmt.Sprintf("Padding{axis %d, %d, %d, %v}", op.axis, op.before, op.after, op.number)
}

func (op padding) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := in[0].Clone()
	y[op.axis] += op.before + op.after
	return y, nil
}

// padded is a padding of tensors of a shape.
type padded struct {
	padding
	outer, n, inner int
}

func (op padding) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	x := in[0].Shape()
	p := padded{op, sizeOf(x[:op.axis]), x[op.axis], sizeOf(x[op.axis+1:])}
	return graph.Run(p, y, in, paddingForward[float32], paddingForward[float64])
}

func paddingForward[T graph.Float](p padded, y []T, in [][]T) {
	row := (p.before + p.n + p.after) * p.inner
	for o := range p.outer {
		line := y[o*row:][:row]
		for i := range line {
			line[i] = T(p.number)
		}
		copy(line[p.before*p.inner:], in[0][o*p.n*p.inner:][:p.n*p.inner])
	}
}

func (op padding) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	index := make([]int, in[0].Shape()[op.axis])
	for i := range index {
		index[i] = op.before + i
	}
	return []*graph.Node{y.Layer("PaddingGrad").Apply(take{op.axis, dy.Shape()[op.axis], index}, dy)}
}

// ONNX implements [onnxgraph.Op].
func (op padding) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	pads := make([]int, 2*len(c.Out))
	pads[op.axis], pads[op.axis+len(c.Out)] = op.before, op.after
	return c.Do("Pad", c.In[0], c.Ints(pads...), c.Scalar(op.number))
}

// padWith puts numbers before and after an axis.
func (r *run) padWith(x *value, axis, before, after int, v float64) *value {
	if before < 0 || after < 0 || before > largest || after > largest {
		fail("pads are %d and %d, want at least 0 and at most 2³⁰", before, after)
	}
	if before+after == 0 {
		return x
	}
	shape := slices.Clone([]int(x.shape))
	shape[axis] += before + after
	if x.known != nil && !x.learn {
		r.spend(before + after)
		return r.later(x.kind, shape, func() *array {
			p := padded{padding{axis, before, after, v}, sizeOf(shape[:axis]), x.shape[axis], sizeOf(shape[axis+1:])}
			a := &array{x.kind, shape, make([]float64, sizeOf(shape))}
			paddingForward(p, a.data, [][]float64{x.known().data})
			return a
		})
	}
	if v == 0 {
		return computed(x.kind, nodes.ZeroPad(x.node(), axis, before, after))
	}
	return computed(x.kind, r.s.Apply(padding{axis, before, after, v}, x.node()))
}

// pad puts a number, or copies of elements, around a value.
func (c *call) pad() []*value {
	x := c.x(0)
	name := "pads"
	if c.f.opset < 2 {
		name = "paddings"
	}
	pads, value := c.intsOr(name, 1), c.attrFloat("value", 0)
	if c.f.opset >= 11 {
		value = c.number(2, 0)
	}
	var axes []int
	for axis := range x.shape {
		axes = append(axes, axis)
	}
	if c.has(3) {
		axes = c.ints(3)
		c.axes(axes, len(x.shape))
	}
	if len(pads) != 2*len(axes) {
		fail("pads are %v, want two for each of %d axes", pads, len(axes))
	}
	for i, axis := range axes {
		axis = c.axis(axis, len(x.shape))
		before, after := pads[i], pads[i+len(axes)]
		if before > largest || after > largest || before < -largest || after < -largest {
			fail("pads are %v, want at most 2³⁰", pads)
		}
		if cut := max(0, -before); cut > 0 || after < 0 {
			x = c.part(x, axis, cut, x.shape[axis]-cut-max(0, -after))
		}
		x = c.padAxis(x, axis, max(0, before), max(0, after), value)
	}
	return one(x)
}

func (c *call) padAxis(x *value, axis, before, after int, value float64) *value {
	mode, n := c.attrString("mode", "constant"), x.shape[axis]
	if before+after == 0 {
		return x
	}
	if mode == "constant" {
		return c.padWith(x, axis, before, after, value)
	}
	if mode == "reflect" && max(before, after) >= n {
		fail("pads are %d and %d of an axis of %d, want less than that to reflect", before, after, n)
	}
	c.spend(before + n + after)
	index := make([]int, before+n+after)
	for i := range index {
		at := i - before
		switch {
		case mode == "edge":
			at = max(0, min(at, n-1))
		case mode != "reflect":
			fail("mode is %q, want constant, reflect or edge", mode)
		case at < 0:
			at = -at
		case at >= n:
			at = 2*(n-1) - at
		}
		index[i] = at
	}
	return c.take(x, axis, index)
}
