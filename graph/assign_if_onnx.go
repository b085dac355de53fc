package graph

import "github.com/thinnet/thinnet/internal/onnxgraph"

// ONNX implements [onnxgraph.Op].
func (held) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	gate := c.In[2]
	if len(c.In[0].Dims) == 0 {
		gate = c.Reshape(gate, nil)
	}
	return c.Do("Where", c.Do("Equal", gate, c.Scalar(0)), c.In[1], c.In[0])
}
