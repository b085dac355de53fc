package nodes

import (
	"math"

	"github.com/thinnet/thinnet/internal/onnxgraph"
)

// ONNX implements [onnxgraph.Op].
func (op pointwise) ONNX(c *onnxgraph.Call) onnxgraph.Value { return op.onnx.ONNX(c) }

// An operator of ONNX computes an op by itself, with no attributes.
type operator string

func (op operator) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Do(string(op), c.In...) }

// ONNX implements [onnxgraph.Op].
func (relu) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Do("Relu", c.In...) }

// ONNX implements [onnxgraph.Op].
func (op leakyReLU) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Node("LeakyRelu", onnxgraph.Attributes{"alpha": op.slope}, c.In...)
}

func (o elu) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Node("Elu", onnxgraph.Attributes{"alpha": o.alpha}, c.In...)
}

func (o softplus) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x := c.In[0]
	scaled := x
	if o.beta != 1 {
		scaled = c.Do("Mul", x, c.Scalar(o.beta))
	}
	y := c.Do("Softplus", scaled)
	if o.beta != 1 {
		y = c.Do("Div", y, c.Scalar(o.beta))
	}
	return c.Do("Where", c.Do("Greater", scaled, c.Scalar(o.threshold)), x, y)
}

// silu is x·sigmoid(x).
type silu struct{}

func (silu) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Mul", c.In[0], c.Do("Sigmoid", c.In[0]))
}

// geluErf is x·Φ(x).
type geluErf struct{}

func (geluErf) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x := c.In[0]
	erf := c.Do("Erf", c.Do("Mul", x, c.Scalar(math.Sqrt(0.5))))
	return c.Do("Mul", c.Do("Mul", x, c.Do("Add", erf, c.Scalar(1))), c.Scalar(0.5))
}

// geluTanh is x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
type geluTanh struct{}

func (geluTanh) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x := c.In[0]
	cube := c.Do("Mul", c.Do("Mul", x, c.Do("Mul", x, x)), c.Scalar(0.044715))
	tanh := c.Do("Tanh", c.Do("Mul", c.Do("Add", x, cube), c.Scalar(math.Sqrt(2/math.Pi))))
	return c.Do("Mul", c.Do("Mul", x, c.Do("Add", tanh, c.Scalar(1))), c.Scalar(0.5))
}

// ONNX implements [onnxgraph.Op].
func (op softmax) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Node("Softmax", onnxgraph.Attributes{"axis": op.axis}, c.In...)
}

// ONNX implements [onnxgraph.Op].
func (op logSoftmax) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Node("LogSoftmax", onnxgraph.Attributes{"axis": op.axis}, c.In...)
}

// ONNX implements [onnxgraph.Op].
func (add) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Do("Add", c.In...) }

// ONNX implements [onnxgraph.Op].
func (mul) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Do("Mul", c.In...) }
