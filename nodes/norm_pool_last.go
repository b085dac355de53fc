package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// normPoolLast is a normPool, or a part of its gradient, on channels-last memory.
type normPoolLast struct {
	graph.Op // the same on memory in the usual order
	of       normPool
	kernel   *kernel.NormPool
	run      func(k *kernel.NormPool, y []float32, in normPoolInputs[[]float32])
}

func (op normPoolLast) String() string { return "Last" + op.Op.String() }

func (op normPoolLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, normPoolLastForward, nil)
}

func normPoolLastForward(op normPoolLast, y []float32, in [][]float32) {
	op.run(op.kernel, y, normPoolApart(op.of, in))
}

// last returns how to compute op, which is of or a part of its gradient.
func (of normPool) last(op graph.Op, inputs int, out bool, run func(*kernel.NormPool, []float32, normPoolInputs[[]float32])) graph.LastLayout {
	norm, _ := of.norm.last(of.pool.x)
	k := &kernel.NormPool{Norm: norm.kernel(), Windows: of.pool.g.Windows(of.pool.x[1])}
	at := make([]bool, inputs)
	at[0] = true
	if numbers, _ := of.numbers(inputs); numbers.dy > 0 {
		at[numbers.dy] = true
	}
	return graph.LastLayout{Op: normPoolLast{op, of, k, run}, In: at, Out: out, Follow: true}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op normPool) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return op.last(op, len(in), true, func(k *kernel.NormPool, y []float32, in normPoolInputs[[]float32]) {
		k.Forward(y, in.x, in.stats, in.weight, in.bias, in.factor)
	})
}

// ChannelsLast implements [graph.ChannelsLast].
func (op normPoolSums) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return op.of.last(op, len(in), false, func(k *kernel.NormPool, sums []float32, in normPoolInputs[[]float32]) {
		k.Sums(sums, in.x, in.stats, in.weight, in.bias, in.factor, in.dy)
	})
}

// ChannelsLast implements [graph.ChannelsLast].
func (op normPoolGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return op.of.last(op, len(in), true, func(k *kernel.NormPool, dx []float32, in normPoolInputs[[]float32]) {
		k.Backward(dx, in.x, in.stats, in.weight, in.bias, in.factor, in.dy, in.sums)
	})
}
