package nodes

import "github.com/thinnet/thinnet/internal/onnxgraph"

// ONNX implements [onnxgraph.Op].
func (linear) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x, w := c.In[0], c.In[1]
	if len(x.Dims) == 2 {
		return c.Node("Gemm", onnxgraph.Attributes{"transB": 1}, c.In...)
	}
	y := c.Do("MatMul", x, c.Transpose(w, []int{1, 0}))
	if len(c.In) > 2 {
		y = c.Do("Add", y, c.In[2])
	}
	return y
}

// ONNX implements [onnxgraph.Op].
func (op matMul) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Transpose(c.Do("MatMul", c.Transpose(c.In[0], op.a), c.Transpose(c.In[1], op.b)), op.c)
}
