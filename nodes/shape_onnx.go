package nodes

import "github.com/thinnet/thinnet/internal/onnxgraph"

// ONNX implements [onnxgraph.Op].
func (reshape) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Reshape(c.In[0], c.Out) }

// ONNX implements [onnxgraph.Op].
func (op transpose) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Transpose(c.In[0], op.axes) }

// ONNX implements [onnxgraph.Op].
func (op concat) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Node("Concat", onnxgraph.Attributes{"axis": op.axis}, c.In...)
}

// ONNX implements [onnxgraph.Op].
func (op slice) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	if c.Out[op.axis].Batch != 0 {
		return c.Errorf("a slice along the batch has no form in ONNX")
	}
	return c.Slice(c.In[0], op.axis, op.offset, op.offset+op.n, 1)
}

// ONNX implements [onnxgraph.Op].
func (op zeroPad) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	dims := len(c.In[0].Dims)
	pads := make([]int, 2*dims)
	axis := (op.axis + dims) % dims
	pads[axis], pads[dims+axis] = op.before, op.after
	return c.Do("Pad", c.In[0], c.Ints(pads...))
}

// ONNX implements [onnxgraph.Op].
func (onesOf) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Ones(c.Out) }
