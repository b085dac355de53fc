package nodes

import (
	"github.com/thinnet/thinnet/internal/onnxgraph"
)

// In ONNX a normalisation has no node of its own for the statistics. The ops of
// statistics leave what the norm that reads them needs to know.

// runningStats are statistics that are constants.
type runningStats struct{ mean, variance onnxgraph.Value }

// batchStats are those of the batch at hand. A norm that trains moves the running ones
// too, once it is there.
type batchStats struct {
	running, next [2]onnxgraph.Value // mean and variance
	momentum      float64
	y             onnxgraph.Value // what is normalised, once it is there
}

// ONNX implements [onnxgraph.Op].
func (stack) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return onnxgraph.Value{Of: runningStats{c.In[0], c.In[1]}}
}

// ONNX implements [onnxgraph.Op].
func (moments) ONNX(*onnxgraph.Call) onnxgraph.Value { return onnxgraph.Value{Of: &batchStats{}} }

// ONNX implements [onnxgraph.Op].
func (op track) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	s, ok := c.In[1].Of.(*batchStats)
	switch {
	case !ok || op.parts.count() > 1:
		return c.Errorf("GhostBatch has no form in ONNX in training")
	case op.cumulative:
		return c.Errorf("CumulativeAverage has no form in ONNX in training")
	}
	s.momentum, s.running[op.row] = op.momentum, c.In[0]
	s.next[op.row] = c.Promise([]string{"running_mean", "running_var"}[op.row])
	return s.next[op.row]
}

// ONNX implements [onnxgraph.Op].
func (op increment) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Add", c.In[0], c.IntTensor(nil, op.by))
}

// ONNX implements [onnxgraph.Op].
func (op normalize) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	y := op.norm(c)
	if op.relu {
		y = c.Do("Relu", y)
	}
	return y
}

func (op normalize) norm(c *onnxgraph.Call) onnxgraph.Value {
	switch stats := c.In[1].Of.(type) {
	case runningStats:
		weight, bias := op.affineOr(c, op.affine.Groups)
		return c.Node("BatchNormalization", onnxgraph.Attributes{"epsilon": op.eps}, c.In[0], weight, bias, stats.mean, stats.variance)
	case *batchStats:
		switch {
		case op.of != op.affine && op.affine.Inner == 1 && op.affine.Groups == op.of.Inner && op.affine.Outer == op.of.Groups:
			return op.layerNorm(c)
		case op.of != op.affine:
			return op.groupNorm(c)
		case stats.next[0].Name == "":
			return op.byMoments(c)
		}
		if stats.y.Name == "" { // a pooling may declare the norm of its input once more
			stats.y = op.training(c, stats)
		}
		return stats.y
	}
	return c.Errorf("its statistics have no form in ONNX")
}

// training is a batch norm by the statistics of the batch, which moves the running ones.
func (op normalize) training(c *onnxgraph.Call, stats *batchStats) onnxgraph.Value {
	y := c.Promise("BatchNormalization")
	weight, bias := op.affineOr(c, op.of.Groups)
	a := onnxgraph.Attributes{"epsilon": op.eps, "momentum": 1 - stats.momentum, "training_mode": 1}
	c.Compute(y.Name, "BatchNormalization", a, []onnxgraph.Value{y, stats.next[0], stats.next[1]},
		c.In[0], weight, bias, stats.running[0], stats.running[1])
	return y
}

// affineOr returns weight and bias, or what stands for none.
func (op normalize) affineOr(c *onnxgraph.Call, n int) (weight, bias onnxgraph.Value) {
	if len(c.In) == 4 {
		return c.In[2], c.In[3]
	}
	ones := make([]float64, n)
	for i := range ones {
		ones[i] = 1
	}
	return c.Floats([]int{n}, ones...), c.Floats([]int{n}, make([]float64, n)...)
}

// fixed reports axes after the first whose sizes depend on the batch: how many elements a
// group has is written as a number.
func (op normalize) fixed(c *onnxgraph.Call) bool {
	_, ok := onnxgraph.Sizes(c.In[0].Dims[1:])
	if !ok {
		c.Errorf("a norm of axes whose sizes depend on the batch has no form in ONNX")
	}
	return ok
}

// layerNorm is of the last axes, as many as hold the elements of a group.
func (op normalize) layerNorm(c *onnxgraph.Call) onnxgraph.Value {
	if !op.fixed(c) {
		return onnxgraph.Value{}
	}
	x := c.In[0]
	axis, n := len(x.Dims), 1
	for axis > 0 && (n < op.of.Inner || len(c.In) == 4 && len(x.Dims)-axis < len(c.In[2].Dims)) {
		axis--
		n *= x.Dims[axis].Fixed
	}
	weight, bias := onnxgraph.Value{}, onnxgraph.Value{}
	if len(c.In) == 4 {
		weight, bias = c.In[2], c.In[3]
	} else {
		weight = c.Ones(x.Dims[axis:])
	}
	return c.Node("LayerNormalization", onnxgraph.Attributes{"axis": axis, "epsilon": op.eps}, x, weight, bias)
}

// groupNorm is an instance norm of the groups, and then the scale and shift of channels.
func (op normalize) groupNorm(c *onnxgraph.Call) onnxgraph.Value {
	if !op.fixed(c) {
		return onnxgraph.Value{}
	}
	x := c.In[0]
	groups := op.of.Groups / op.affine.Outer
	rows := []onnxgraph.Dim{x.Dims[0], {Fixed: groups}, {Fixed: op.of.Inner}}
	ones, zeros := normalize{}.affineOr(c.With(nil), groups)
	y := c.Node("InstanceNormalization", onnxgraph.Attributes{"epsilon": op.eps}, c.Reshape(x, rows), ones, zeros)
	y = c.Reshape(y, x.Dims)
	if len(c.In) < 4 {
		return y
	}
	along := op.channelsAlong(len(x.Dims))
	return c.Do("Add", c.Do("Mul", y, c.Reshape(c.In[2], along)), c.Reshape(c.In[3], along))
}

// channelsAlong is the shape of numbers of channels beside x.
func (op normalize) channelsAlong(dims int) []onnxgraph.Dim {
	along := []onnxgraph.Dim{{Fixed: op.affine.Groups}}
	for range dims - 2 {
		along = append(along, onnxgraph.Dim{Fixed: 1})
	}
	return along
}

// byMoments normalises by statistics of the batch that nothing tracks.
func (op normalize) byMoments(c *onnxgraph.Call) onnxgraph.Value {
	x := c.In[0]
	axes := []int{0}
	for axis := 2; axis < len(x.Dims); axis++ {
		axes = append(axes, axis)
	}
	mean := onnxgraph.Attributes{"axes": axes}
	d := c.Do("Sub", x, c.Node("ReduceMean", mean, x))
	variance := c.Node("ReduceMean", mean, c.Do("Mul", d, d))
	y := c.Do("Div", d, c.Do("Sqrt", c.Do("Add", variance, c.Scalar(op.eps))))
	if len(c.In) < 4 {
		return y
	}
	along := op.channelsAlong(len(x.Dims))
	return c.Do("Add", c.Do("Mul", y, c.Reshape(c.In[2], along)), c.Reshape(c.In[3], along))
}

// ONNX implements [onnxgraph.Op].
func (ghostMoments) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Errorf("GhostBatch has no form in ONNX in training")
}

// ONNX implements [onnxgraph.Op].
func (op normPool) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	x := c.In[0]
	at := normPoolApart(op, c.In)
	norm := []onnxgraph.Value{at.x, at.stats}
	if op.affine {
		norm = append(norm, at.weight, at.bias)
	}
	y := op.norm.ONNX(c.With(x.Dims, norm...))
	if op.mask != nil {
		mask, ok := op.mask.(onnxgraph.Op)
		if !ok {
			return c.Errorf("%v has no form in ONNX", op.mask)
		}
		y.Dims, y.Type = x.Dims, x.Type
		y = mask.ONNX(c.With(x.Dims, y, at.factor))
	}
	return op.pool.ONNX(c.With(c.Out, y))
}
