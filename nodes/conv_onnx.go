package nodes

import "github.com/thinnet/thinnet/internal/onnxgraph"

func (op conv) sees() onnxgraph.Windows {
	g := op.g
	return onnxgraph.Windows{Axes: len(op.x) - 2, In: g.In, Kernel: g.Kernel, Out: g.Out, Stride: g.Stride, Pad: g.Pad, Dilation: g.Dilation}
}

// ONNX implements [onnxgraph.Op].
func (op conv) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	w := op.sees()
	a := w.Attributes()
	a["dilations"], a["group"] = w.Last(w.Dilation), op.g.Groups
	return c.Node("Conv", a, c.In...)
}

// ONNX implements [onnxgraph.Op].
func (op convTranspose) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	w := op.of.sees()
	var extra extents
	for axis := range extra {
		g := op.of.g
		extra[axis] = g.In[axis] + 2*g.Pad[axis] - (g.Out[axis]-1)*g.Stride[axis] - g.Dilation[axis]*(g.Kernel[axis]-1) - 1
	}
	return c.Node("ConvTranspose", onnxgraph.Attributes{
		"kernel_shape": w.Last(w.Kernel), "strides": w.Last(w.Stride), "dilations": w.Last(w.Dilation),
		"pads": append(append([]int{}, w.Last(w.Pad)...), w.Last(w.Pad)...), "output_padding": w.Last(extra), "group": op.of.g.Groups,
	}, c.In...)
}
