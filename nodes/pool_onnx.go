package nodes

import (
	"math"

	"github.com/thinnet/thinnet/internal/onnxgraph"
)

func (p pooled) sees() onnxgraph.Windows {
	g := p.g
	return onnxgraph.Windows{Axes: len(p.x) - 2, In: g.In, Kernel: g.Kernel, Out: g.Out, Stride: g.Stride, Pad: g.Pad, Dilation: g.Dilation}
}

// ONNX implements [onnxgraph.Op].
func (op maxPool) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	w := op.sees()
	a := w.Attributes()
	a["dilations"] = w.Last(w.Dilation)
	return c.Node("MaxPool", a, c.In...)
}

// ONNX implements [onnxgraph.Op]. ONNX counts the padding that a window wants beyond that
// of the node, in [CeilMode], as any padding; so what it divides by is put right.
func (op avgPool) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	w := op.sees()
	a := w.Attributes()
	if !op.g.CountIncludePad {
		return c.Node("AveragePool", a, c.In...)
	}
	a["count_include_pad"] = 1
	y := c.Node("AveragePool", a, c.In...)
	right, factors := true, []float64{1}
	for axis := range 3 {
		var longer []float64
		for _, f := range factors {
			for p := range w.Out[axis] {
				from := p*w.Stride[axis] - w.Pad[axis]
				n := min(from+w.Kernel[axis], w.In[axis]+op.g.PadHigh[axis]) - from
				right = right && n == w.Kernel[axis]
				longer = append(longer, f*float64(w.Kernel[axis])/float64(n))
			}
		}
		factors = longer
	}
	if right {
		return y
	}
	return c.Do("Mul", y, c.Floats(w.Last(w.Out), factors...))
}

// ONNX implements [onnxgraph.Op].
func (op adaptiveAvgPool) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x, dims := c.In[0], len(c.In[0].Dims)
	if len(c.Out) == 2 { // a global average, without its axes
		axes := []int{}
		for axis := 2; axis < dims; axis++ {
			axes = append(axes, axis)
		}
		return c.Node("ReduceMean", onnxgraph.Attributes{"axes": axes, "keepdims": 0}, x)
	}
	var kernel []int
	for axis := range 3 {
		if op.in[axis]%op.out[axis] != 0 {
			return op.products(c)
		}
		kernel = append(kernel, op.in[axis]/op.out[axis])
	}
	kernel = kernel[5-dims:]
	return c.Node("AveragePool", onnxgraph.Attributes{"kernel_shape": kernel, "strides": kernel}, x)
}

// products are the means over regions of different sizes: over rows, and then over
// columns, each the product with a matrix.
func (op adaptiveAvgPool) products(c *onnxgraph.Call) onnxgraph.Value {
	matrix := func(axis int) onnxgraph.Value {
		h, n := op.out[axis], op.in[axis]
		m := make([]float64, h*n)
		for i := range h {
			from, to := i*n/h, ((i+1)*n+h-1)/h
			for k := from; k < to; k++ {
				m[i*n+k] = 1 / float64(to-from)
			}
		}
		return c.Floats([]int{h, n}, m...)
	}
	rows := c.Do("MatMul", matrix(1), c.In[0])
	return c.Do("MatMul", rows, c.Transpose(matrix(2), []int{1, 0}))
}

// ONNX implements [onnxgraph.Op].
func (op rankPool) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	w := op.sees()
	elements, padded := w.Elements(c.Graph, c.In[0], math.Inf(-1), len(c.In[0].Dims))
	top := c.Nodes("TopK", onnxgraph.Attributes{"axis": -1}, 2, elements, c.Ints(len(op.weights)))[0]
	if padded { // padding takes no part
		top = c.Do("Where", c.Do("Equal", top, c.Scalar(math.Inf(-1))), c.Scalar(0), top)
	}
	n := len(op.weights)
	return c.Squeeze(c.Do("MatMul", top, c.Floats([]int{n, 1}, op.weights...)), -1)
}

// ONNX implements [onnxgraph.Op].
func (op unfold) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	w := conv{g: op.g, x: op.x}.sees()
	columns, _ := w.Elements(c.Graph, c.In[0], 0, 2)
	return c.Reshape(columns, c.Out)
}
