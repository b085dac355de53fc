package regularize

import (
	"slices"

	"github.com/thinnet/thinnet/internal/onnxgraph"
)

// What draws in other ways than a Dropout does. The switch training_mode has no effect on
// it.

// onnx is the rate that training ends with.
func (r rate) onnx(c *onnxgraph.Call) float64 {
	if r.schedule.draws {
		c.Errorf("RandomRate has no form in ONNX")
	}
	return 1 - r.finalKeep()
}

// uniform are even draws from 0 to 1, without the 1.
func uniform(c *onnxgraph.Call, dims ...onnxgraph.Dim) onnxgraph.Value {
	return c.Do("RandomUniformLike", c.Ones(dims))
}

// happens says true with a probability.
func happens(c *onnxgraph.Call, p float64, dims ...onnxgraph.Dim) onnxgraph.Value {
	return c.Do("Less", uniform(c, dims...), c.Scalar(p))
}

// number is 1 for true and 0 for false.
func number(c *onnxgraph.Call, of onnxgraph.Value) onnxgraph.Value { return c.Cast(of, c.Float) }

// one is the size of an axis that shares a draw.
func one() onnxgraph.Dim { return onnxgraph.Dim{Fixed: 1} }

// mapsOf are the maps of x (N, C, ...) as lines, (N, C, S).
func mapsOf(c *onnxgraph.Call, x onnxgraph.Value) (maps onnxgraph.Value, n, channels, size onnxgraph.Dim) {
	size = one()
	for _, d := range x.Dims[2:] {
		size.Fixed *= d.Fixed
	}
	n, channels = x.Dims[0], x.Dims[1]
	return c.Reshape(x, []onnxgraph.Dim{n, channels, size}), n, channels, size
}

// ONNX implements [onnxgraph.Op].
func (op blockDropout) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Mul", c.In[0], op.factors(c))
}

// ONNX implements [onnxgraph.Op].
func (op blockMask) ONNX(c *onnxgraph.Call) onnxgraph.Value { return op.factors(c) }

// factors are those of the shape of the output: a block is what a pooling makes of the
// place where it begins.
func (b blocks) factors(c *onnxgraph.Call) onnxgraph.Value {
	begins, axes := slices.Clone(c.Out), len(c.Out)-2
	for i := range begins[2:] {
		begins[2+i].Fixed -= b.size - 1
	}
	corners := number(c, happens(c, min(1, b.perP*b.rate.onnx(c)), begins...))
	dropped := c.Node("MaxPool", onnxgraph.Attributes{
		"kernel_shape": slices.Repeat([]int{b.size}, axes), "pads": slices.Repeat([]int{b.size - 1}, 2*axes),
	}, corners)
	left := c.Do("Sub", c.Scalar(1), dropped)
	part := c.Do("Max", c.Node("ReduceMean", onnxgraph.Attributes{"keepdims": 0}, left), c.Scalar(1e-30)) // where nothing is left
	return c.Do("Div", left, part)
}

// ONNX implements [onnxgraph.Op].
func (op squares) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	n := c.Out[0]
	inside := func(axis int) onnxgraph.Value {
		size := c.Out[axis].Fixed
		shape := []int{1, 1, 1, 1}
		shape[axis] = size
		at := make([]float64, size)
		for i := range at {
			at[i] = float64(i + op.size/2)
		}
		centre := c.Do("Floor", c.Do("Mul", uniform(c, n, one(), one(), one()), c.Scalar(float64(size))))
		from := c.Do("Sub", c.Floats(shape, at...), centre)
		return c.Do("And", c.Do("GreaterOrEqual", from, c.Scalar(0)), c.Do("Less", from, c.Scalar(float64(op.size))))
	}
	square := c.Do("And", inside(2), inside(3))
	drawn := happens(c, op.rate.onnx(c), n, one(), one(), one())
	return c.Do("Where", c.Do("And", square, drawn), c.Scalar(0), c.Scalar(1))
}

// ONNX implements [onnxgraph.Op].
func (op focus) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	maps, n, _, size := mapsOf(c, c.In[0])
	which := c.Node("ArgMax", onnxgraph.Attributes{"axis": 1}, c.Node("ReduceMean", onnxgraph.Attributes{"axes": []int{2}}, maps))
	at := c.Do("Expand", which, c.Shape(n, one(), size))
	first := c.Node("GatherElements", onnxgraph.Attributes{"axis": 1}, maps, at)
	top := c.Node("ReduceMax", onnxgraph.Attributes{"axes": []int{2}}, first)
	mu := c.Do("Add", c.Do("Mul", uniform(c, one()), c.Scalar(op.hi-op.lo)), c.Scalar(op.lo))
	kept := c.Do("Greater", first, c.Do("Mul", top, mu))
	for _, all := range []onnxgraph.Value{c.Do("Greater", top, c.Scalar(0)), happens(c, op.rate.onnx(c), one())} {
		kept = c.Do("Or", kept, c.Do("Not", all))
	}
	return c.Reshape(number(c, kept), c.Out)
}

// ONNX implements [onnxgraph.Op].
func (op maxDrop) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x := c.In[1]
	maps, n, channels, size := mapsOf(c, x)
	axis, draws := 2, []onnxgraph.Dim{n, channels, one()}
	if op.across {
		axis, draws = 1, []onnxgraph.Dim{n, one(), size}
	}
	along := onnxgraph.Attributes{"axis": axis}
	of := c.Reshape(c.In[0], []onnxgraph.Dim{n, channels, size})
	top := c.Node("ArgMax", along, maps)
	value := c.Do("Where", happens(c, op.rate.onnx(c), draws...), c.Scalar(0), c.Node("GatherElements", along, of, top))
	return c.Reshape(c.Node("ScatterElements", along, of, top, value), c.Out)
}

// ONNX implements [onnxgraph.Op].
func (op selection) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	n, channels := c.Out[0], c.Out[1]
	along := onnxgraph.Attributes{"axis": 1}
	scores := c.Do("Relu", c.In[0])
	keys := c.Do("Div", c.Do("Log", uniform(c, n, channels)), scores)
	selected := c.Nodes("TopK", along, 2, keys, c.Ints(op.selected))[1]
	total := c.Do("ReduceSum", scores, c.Ints(1))
	factor := c.Do("Div", total, c.Do("ReduceSum", c.Node("GatherElements", along, scores, selected), c.Ints(1)))
	factor = c.Do("Expand", factor, c.Shape(n, onnxgraph.Dim{Fixed: op.selected}))
	k := c.Node("ScatterElements", along, c.Do("Mul", scores, c.Scalar(0)), selected, factor)
	k = c.Do("Where", happens(c, op.rate.onnx(c), n, channels), c.Scalar(0), k)
	k = c.Do("Where", c.Do("Equal", total, c.Scalar(0)), c.Scalar(1), k)
	return c.Reshape(k, c.Out)
}

// ONNX implements [onnxgraph.Op]: the element with the largest of log(x) + g, where g has a
// Gumbel distribution, is each of them with a probability in proportion to x.
func (op samplePool) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	elements, _ := op.sees().Elements(c.Graph, c.Do("Relu", c.In[0]), 0, len(c.Out))
	draws := uniform(c, append(slices.Clip(c.Out), onnxgraph.Dim{Fixed: op.g.Kernel[0] * op.g.Kernel[1] * op.g.Kernel[2]})...)
	gumbel := c.Do("Neg", c.Do("Log", c.Do("Neg", c.Do("Log", draws))))
	along := onnxgraph.Attributes{"axis": -1}
	at := c.Node("ArgMax", along, c.Do("Add", c.Do("Log", elements), gumbel))
	return c.Squeeze(c.Node("GatherElements", along, elements, at), -1)
}
