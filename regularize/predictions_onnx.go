package regularize

import (
	"math"
	"slices"

	"github.com/thinnet/thinnet/internal/onnxgraph"
)

// normal draws numbers in the shape of the first input.
func normal(c *onnxgraph.Call, mean, variance float64) onnxgraph.Value {
	return c.Node("RandomNormalLike", onnxgraph.Attributes{"mean": mean, "scale": math.Sqrt(variance)}, c.In[0])
}

// ONNX implements [onnxgraph.Op].
func (op scaled) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Mul", c.In[0], c.Scalar(op.a))
}

// ONNX implements [onnxgraph.Op].
func (op weighted) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Add", c.Do("Mul", c.In[0], c.Scalar(op.a)), c.Do("Mul", c.In[1], c.Scalar(op.b)))
}

// ONNX implements [onnxgraph.Op].
func (op deviation) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Sqrt", c.Do("Mul", c.In[0], c.Scalar(op.factor)))
}

// ONNX implements [onnxgraph.Op].
func (expectedReLU) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	m, s := c.In[0], c.In[1]
	z := c.Do("Div", m, s)
	below := c.Do("Mul", c.Do("Add", c.Do("Erf", c.Do("Mul", z, c.Scalar(math.Sqrt(0.5)))), c.Scalar(1)), c.Scalar(0.5))
	density := c.Do("Mul", c.Do("Exp", c.Do("Mul", c.Do("Mul", z, z), c.Scalar(-0.5))), c.Scalar(1/math.Sqrt(2*math.Pi)))
	y := c.Do("Relu", c.Do("Add", c.Do("Mul", m, below), c.Do("Mul", s, density)))
	return c.Do("Where", c.Do("Equal", s, c.Scalar(0)), c.Do("Relu", m), y)
}

// ONNX implements [onnxgraph.Op].
func (op meanOfCopies) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	copies := c.Reshape(c.In[0], append([]onnxgraph.Dim{{Fixed: op.z}}, c.Out...))
	return c.Node("ReduceMean", onnxgraph.Attributes{"axes": []int{0}, "keepdims": 0}, copies)
}

// ONNX implements [onnxgraph.Op].
func (op normals) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	size, fixed := onnxgraph.Sizes(c.Out)
	if !fixed {
		return c.Errorf("its numbers depend on the batch")
	}
	return c.Floats(size, op.values...)
}

// ONNX implements [onnxgraph.Op]. Sums over windows are those of convolutions of each map.
func (op ownPool) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	g, size := op.g, 1
	w := op.sees()
	a := w.Attributes()
	a["dilations"] = w.Last(w.Dilation)
	for _, k := range g.Kernel {
		size *= k
	}
	ones := c.Reshape(c.Floats([]int{size}, slices.Repeat([]float64{1}, size)...), onnxgraph.Fixed(append([]int{1, 1}, w.Last(w.Kernel)...)...))
	in := c.In[0].Dims
	maps := append([]onnxgraph.Dim{{Fixed: in[0].Fixed * in[1].Fixed, Batch: in[0].Batch * in[1].Fixed}, {Fixed: 1}}, in[2:]...)
	x := c.Reshape(c.Do("Relu", c.In[0]), maps)
	sum := c.Node("Conv", a, x, ones)
	squares := c.Node("Conv", a, c.Do("Mul", x, x), ones)
	y := c.Do("Where", c.Do("Equal", sum, c.Scalar(0)), c.Scalar(0), c.Do("Div", squares, sum))
	return c.Reshape(y, c.Out)
}

func (w windows) sees() onnxgraph.Windows {
	g := w.g
	return onnxgraph.Windows{Axes: len(w.x) - 2, In: g.In, Kernel: g.Kernel, Out: g.Out, Stride: g.Stride, Pad: g.Pad, Dilation: g.Dilation}
}
