package onnximport

import (
	"slices"
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// batchNorm is a batch norm of ours. What it does in training is for the mode of the
// model to say, not for training_mode: by it only the outputs beside y are computed.
func (c *call) batchNorm() []*value {
	x := c.x(0)
	eps, momentum := c.attrFloat("epsilon", 1e-5), 1-c.attrFloat("momentum", 0.9)
	if c.attrInt("spatial", 1) == 0 {
		fail("spatial is 0, want 1")
	}
	if momentum < 1e-9 {
		momentum = 0
	}
	norm := map[int]func(*graph.Scope, *graph.Node, ...nodes.BatchNormOption) *graph.Node{
		2: nodes.BatchNorm1D, 3: nodes.BatchNorm1D, 4: nodes.BatchNorm2D, 5: nodes.BatchNorm3D,
	}[len(x.shape)]
	if norm == nil {
		fail("its input has shape %v, want (N, C, ...) with up to three spatial axes", x.shape)
	}
	s := c.s.Given("weight", c.x(1).node()).Given("bias", c.x(2).node())
	for i, name := range []string{"running_mean", "running_var"} {
		s = s.Given(name, c.statistic(i+3, name))
	}
	s = s.Given("num_batches_tracked", c.counter())
	y := norm(s, x.node(), nodes.Eps(eps), nodes.Momentum(momentum))
	out := node(y)
	if c.attrInt("training_mode", 0) == 1 && slices.ContainsFunc(c.n.Output[1:], c.reads) {
		mean, variance := c.moments(x)
		out = append(out, c.moved(c.x(3), mean, momentum), c.moved(c.x(4), variance, momentum))
	}
	return out
}

// statistic is an input of a batch norm as a state.
func (c *call) statistic(i int, name string) *graph.Node {
	v := c.x(i)
	switch {
	case v.state != nil:
		return v.state()
	case v.known == nil:
		fail("input %d, %q, is computed from the input of the model, want one that is known before it runs", i, c.n.Input[i])
	}
	return c.s.State(name, slices.Clone([]int(v.shape)), v.values())
}

// counter is the number of batches, which ONNX has no place for. It is named as PyTorch
// does, beside the mean.
func (c *call) counter() *graph.Node {
	const mean, count = "running_mean", "num_batches_tracked"
	if layer, ok := strings.CutSuffix(c.n.Input[3], mean); ok && c.x(3).state != nil {
		if name := layer + count; !c.counted[name] {
			c.counted[name] = true
			return c.root.Counter(name)
		}
	}
	return c.s.Counter(count)
}

// moments are the mean and the variance of the channels of x, (C).
func (c *call) moments(x *value) (mean, variance *value) {
	axes := []int{0}
	for axis := 2; axis < len(x.shape); axis++ {
		axes = append(axes, axis)
	}
	m := c.reduce("ReduceMean", x, axes)
	d := c.operation("Sub", x, m)
	v := c.reduce("ReduceMean", c.operation("Mul", d, d), axes)
	return c.reshape(m, x.shape[1]), c.reshape(v, x.shape[1])
}

// moved is a running statistic after a batch.
func (c *call) moved(running, batch *value, momentum float64) *value {
	return c.operation("Add", c.scaled(running, 1-momentum, 0), c.scaled(batch, momentum, 0))
}

func (c *call) instanceNorm() []*value {
	x := c.x(0)
	if len(x.shape) < 3 {
		fail("its input has shape %v, want (N, C, ...) with at least one spatial axis", x.shape)
	}
	s := c.s.Given("weight", c.x(1).node()).Given("bias", c.x(2).node())
	return node(nodes.GroupNorm(s, x.node(), x.shape[1], nodes.Eps(c.attrFloat("epsilon", 1e-5))))
}

// layerNorm is one of ours, unless it is over all axes or has its statistics as outputs.
func (c *call) layerNorm() []*value {
	x, eps := c.x(0), c.attrFloat("epsilon", 1e-5)
	axis := c.axis(c.attrInt("axis", -1), len(x.shape))
	var axes []int
	for a := axis; a < len(x.shape); a++ {
		axes = append(axes, a)
	}
	statistics := len(c.n.Output) > 1 && slices.ContainsFunc(c.n.Output[1:], c.reads)
	weight := c.x(1)
	if axis > 0 && !statistics && slices.Equal(weight.shape, x.shape[axis:]) {
		bias := c.bias(weight.shape)
		s := c.s.Given("weight", weight.node()).Given("bias", bias.node())
		return node(nodes.LayerNorm(s, x.node(), nodes.Axes(len(axes)), nodes.Eps(eps)))
	}
	mean := c.reduce("ReduceMean", x, axes)
	d := c.operation("Sub", x, mean)
	variance := c.reduce("ReduceMean", c.operation("Mul", d, d), axes)
	inverse := c.function("Reciprocal", c.function("Sqrt", c.scaled(variance, 1, eps)))
	y := c.operation("Mul", c.operation("Mul", d, inverse), weight)
	if c.has(2) {
		y = c.operation("Add", y, c.x(2))
	}
	return []*value{y, mean, inverse}
}

// bias is input 2, or zeros.
func (c *call) bias(shape []int) *value {
	if c.has(2) {
		return c.x(2)
	}
	return c.filled(floats, 0, shape...)
}

// dropout draws in training, by the rate of the node, whatever its training_mode says.
func (c *call) dropout() []*value {
	x := c.x(0)
	p := c.attrFloat("ratio", 0.5)
	if c.f.opset >= 12 {
		p = c.number(1, 0.5)
	}
	y := x
	if p != 0 {
		y = computed(x.kind, regularize.Dropout(c.s, x.node(), p))
	}
	mask := c.filled(bools, 1, x.shape...)
	if c.s.Mode() != graph.Eval {
		mask = nil
	}
	return []*value{y, mask}
}
