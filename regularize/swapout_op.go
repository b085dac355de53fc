package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// A maskPair has what is drawn for two tensors that are added.
type maskPair struct{ a, b kernel.Mask }

func (m maskPair) forward(y *tensor.Dense, in []*tensor.Dense) error {
	return graph.Run(m, y, in, sumForward[float32], sumForward[float64])
}

func sumForward[T kernel.Float](m maskPair, y []T, in [][]T) {
	kernel.MaskSum(m.a, m.b, y, in[0], in[1])
}

func (m maskPair) forwardLast(y *tensor.Dense, in []*tensor.Dense) {
	x := y.Shape()
	kernel.MaskSumLast(m.a, m.b, y.Float32s(), in[0].Float32s(), in[1].Float32s(), x[0], x[1], x[2:].TotalSize())
}

// swapout draws both masks in one pass. Its inputs are x, the branch and the step.
type swapout struct{ skip, branch bernoulli }

func (op swapout) String() string { return fmt.Sprintf("Swapout{%v; %v}", op.skip, op.branch) }

// ShiftsVariance implements [graph.Noisy]: with pSkip of 0 there is noise in the branch
// alone, which the sum with x makes little of.
func (op swapout) ShiftsVariance() bool { return !op.skip.rate.never() }

func (swapout) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op swapout) at(step *tensor.Dense) maskPair {
	return maskPair{op.skip.at(step), op.branch.at(step)}
}

func (op swapout) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return op.at(in[2]).forward(y, in)
}

// Backward drops from dy what was dropped of each.
func (op swapout) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("SwapoutGrad")
	return []*graph.Node{s.Apply(dropout{op.skip}, dy, in[2]), s.Apply(dropout{op.branch}, dy, in[2]), nil}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op swapout) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	if len(in[0]) < 3 {
		return graph.LastLayout{}
	}
	return graph.LastLayout{Op: swapoutLast{op}, In: []bool{true, true, false}, Out: true, Follow: true}
}

// swapoutLast drops the same elements: they keep their numbers.
type swapoutLast struct{ swapout }

func (op swapoutLast) String() string { return op.swapout.String() + " channels-last" }

func (op swapoutLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	op.at(in[2]).forwardLast(y, in)
	return nil
}

// weighted is y = a·x + b·f.
type weighted struct{ a, b float64 }

func (op weighted) String() string { return fmt.Sprintf("Weighted{%v %v}", op.a, op.b) }

func (weighted) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

// Forward has masks that drop nothing and scale.
func (op weighted) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return maskPair{kernel.Mask{Scale: op.a}, kernel.Mask{Scale: op.b}}.forward(y, in)
}

func (op weighted) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("SwapoutGrad")
	return []*graph.Node{s.Apply(scaled{op.a}, dy), s.Apply(scaled{op.b}, dy)}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op weighted) ChannelsLast(...graph.Shape) graph.LastLayout {
	return graph.LastLayout{Op: op, In: []bool{true, true}, Out: true, Follow: true}
}
