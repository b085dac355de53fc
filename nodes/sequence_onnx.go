package nodes

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/onnxgraph"
)

// ONNX implements [onnxgraph.Op].
func (embedding) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Gather", c.In[0], c.Cast(c.In[1], onnxgraph.Int64))
}

// ONNX implements [onnxgraph.Op].
func (sinusoidalPositions) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	size, fixed := onnxgraph.Sizes(c.Out[1:])
	if !fixed {
		return c.Errorf("x has shape %v, want a number of steps and of features that do not depend on the batch", c.Out)
	}
	table := make([]float64, size[0]*size[1])
	kernel.AddSinusoids(table, table, 1, size[0], size[1])
	return c.Do("Add", c.In[0], c.Floats(size, table...))
}

// ONNX implements [onnxgraph.Op].
func (op sequenceLengths) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x := c.In[0]
	pad := c.Do("IsNaN", x)
	if !math.IsNaN(op.pad) {
		pad = c.Do("Equal", x, c.Scalar(op.pad))
	}
	there := c.Node("Cast", onnxgraph.Attributes{"to": int(c.Float)}, c.Do("Not", pad))
	if len(x.Dims) > 2 {
		var axes []int
		for axis := 2; axis < len(x.Dims); axis++ {
			axes = append(axes, axis)
		}
		there = c.Node("ReduceMax", onnxgraph.Attributes{"axes": axes, "keepdims": 0}, there)
	}
	steps := make([]float64, x.Dims[1].Fixed)
	for i := range steps {
		steps[i] = float64(i + 1)
	}
	last := c.Do("Mul", there, c.Floats([]int{len(steps)}, steps...))
	return c.Node("ReduceMax", onnxgraph.Attributes{"axes": []int{1}, "keepdims": 0}, last)
}

// ONNX implements [onnxgraph.Op]. A file checks no lengths.
func (checkedLengths) ONNX(c *onnxgraph.Call) onnxgraph.Value { return c.Cast(c.In[1], c.Float) }

// ONNX implements [onnxgraph.Op].
func (op attentionWeights) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	scores := c.In[0]
	s := scores
	if op.scale != 1 {
		s = c.Do("Mul", s, c.Scalar(op.scale))
	}
	if op.mask {
		s = c.Do("Add", s, c.In[1])
	}
	never := c.Scalar(math.Inf(-1))
	if op.causal {
		s = c.Do("Where", op.pastKeys(c), s, never)
	}
	if op.lengths {
		s = c.Do("Where", op.realKeys(c), s, never)
	}
	w := c.Node("Softmax", onnxgraph.Attributes{"axis": -1}, s)
	if !op.mask && !op.lengths {
		return w
	}
	most := c.Node("ReduceMax", onnxgraph.Attributes{"axes": []int{-1}}, s) // without a key a query has weights of 0
	return c.Do("Where", c.Do("Equal", most, never), c.Scalar(0), w)
}

// pastKeys says which keys a query may look at with [Causal], (L, S).
func (op attentionWeights) pastKeys(c *onnxgraph.Call) onnxgraph.Value {
	size, fixed := onnxgraph.Sizes(c.Out[len(c.Out)-2:])
	if !fixed {
		return c.Errorf("the scores have shape %v, want numbers of queries and keys that do not depend on the batch", c.Out)
	}
	past := make([]bool, size[0]*size[1])
	for i := range past {
		past[i] = i%size[1] <= i/size[1]
	}
	return c.Bools(size, past...)
}

// realKeys says which keys are none of the padding, (N, ..., 1, S).
func (op attentionWeights) realKeys(c *onnxgraph.Call) onnxgraph.Value {
	lengths := c.In[len(c.In)-1]
	dims := []onnxgraph.Dim{c.Out[0]}
	for range c.Out[1:] {
		dims = append(dims, onnxgraph.Dim{Fixed: 1})
	}
	keys := make([]float64, c.Out[len(c.Out)-1].Fixed)
	for i := range keys {
		keys[i] = float64(i)
	}
	return c.Do("Less", c.Floats([]int{len(keys)}, keys...), c.Reshape(lengths, dims))
}
