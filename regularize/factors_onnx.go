package regularize

import (
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"github.com/thinnet/thinnet/internal/philox"
)

// In ONNX masks are drawn by Dropout, which scales what it keeps as the inverted form does.

// onnx is x with what is dropped at 0 and the rest scaled, and what is kept.
func (b bernoulli) onnx(c *onnxgraph.Call, x onnxgraph.Value) (y, kept onnxgraph.Value) {
	keep := 1 - b.rate.onnx(c)
	if keep == 0 { // which a Dropout doesn't take
		return c.Do("Mul", x, c.Scalar(0)), c.Bools(nil, false)
	}
	y, kept = c.Dropout(x, 1-keep)
	if b.scale != inverted {
		y = c.Do("Mul", y, c.Scalar(b.factor()*keep))
	}
	return y, kept
}

// factor is that of what is kept, at the rate that training ends with.
func (b bernoulli) factor() float64 {
	switch keep := b.rate.finalKeep(); b.scale {
	case inverted:
		return 1 / keep
	case selfNormal:
		a, _, _ := affine(b.atEnd())
		return a
	}
	return 1
}

// atEnd is a mask at the rate that training ends with.
func (b bernoulli) atEnd() kernel.Mask {
	return kernel.NewMask(philox.Key{}, 0, 1-b.rate.finalKeep())
}

// ONNX implements [onnxgraph.Op].
func (op dropout) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	y, _ := op.onnx(c, c.In[0])
	return y
}

// ONNX implements [onnxgraph.Op].
func (op mask) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	k, _ := op.onnx(c, c.Ones(c.Out))
	return k
}

// ONNX implements [onnxgraph.Op].
func (masked) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Do("Mul", c.In[0], c.In[1]) }

// ONNX implements [onnxgraph.Op].
func (op alphaDropout) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	_, kept := op.onnx(c, c.In[0])
	return op.shiftedBy(c, kept)
}

// ONNX implements [onnxgraph.Op].
func (op alphaMasked) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return op.shiftedBy(c, c.Do("Greater", c.In[1], c.Scalar(0)))
}

// shiftedBy is a·x + b where x is kept.
func (b bernoulli) shiftedBy(c *onnxgraph.Call, kept onnxgraph.Value) onnxgraph.Value {
	a, shift, dropped := affine(b.atEnd())
	y := c.Do("Add", c.Do("Mul", c.In[0], c.Scalar(a)), c.Scalar(shift))
	return c.Do("Where", kept, y, c.Scalar(dropped))
}

// ONNX implements [onnxgraph.Op].
func (op swapout) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	skip, _ := op.skip.onnx(c, c.In[0])
	branch, _ := op.branch.onnx(c, c.In[1])
	return c.Do("Add", skip, branch)
}

// ONNX implements [onnxgraph.Op]: a copy of the weights for each row of x.
func (op dropConnect) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x, w := c.In[0], c.In[1]
	rows := x.Dims[: len(x.Dims)-1 : len(x.Dims)-1]
	each, _ := op.onnx(c, c.Do("Expand", w, c.Shape(append(rows, w.Dims...)...)))
	y := c.Squeeze(c.Do("MatMul", each, c.Unsqueeze(x, -1)), -1)
	if len(c.In) > 3 {
		bias, _ := op.onnx(c, c.Do("Expand", c.In[2], c.Shape(append(rows, w.Dims[0])...)))
		y = c.Do("Add", y, bias)
	}
	return y
}

// ONNX implements [onnxgraph.Op].
func (op gaussianDropout) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	keep := 1 - op.rate.onnx(c)
	return c.Do("Mul", c.In[0], normal(c, 1, (1-keep)/keep))
}

// ONNX implements [onnxgraph.Op].
func (op gaussianNoise) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Add", c.In[0], normal(c, 0, op.std*op.std))
}
