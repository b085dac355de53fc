package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// alphaDropout draws one number an element. Its inputs are x and the step. It is no
// [graph.Noisy], as it leaves the mean and the variance that x has behind a SELU.
type alphaDropout struct{ bernoulli }

func (op alphaDropout) String() string { return fmt.Sprintf("AlphaDropout{%v}", op.bernoulli) }

func (alphaDropout) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op alphaDropout) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.at(in[1]), y, in, alphaForward[float32], alphaForward[float64])
}

func alphaForward[T kernel.Float](m kernel.Mask, y []T, in [][]T) {
	_, b, dropped := affine(m)
	kernel.MaskShift(m, b-dropped, dropped, y, in[0])
}

// Backward is a dropout with the factor a.
func (op alphaDropout) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("AlphaDropoutGrad").Apply(dropout(op), dy, in[1]), nil}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op alphaDropout) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	if len(in[0]) < 3 {
		return graph.LastLayout{}
	}
	return follow(alphaDropoutLast{op}, true)
}

type alphaDropoutLast struct{ alphaDropout }

func (op alphaDropoutLast) String() string { return op.alphaDropout.String() + " channels-last" }

func (op alphaDropoutLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	m, x := op.at(in[1]), y.Shape()
	_, b, dropped := affine(m)
	kernel.MaskShiftLast(m, b-dropped, dropped, y.Float32s(), in[0].Float32s(), x[0], x[1], x[2:].TotalSize())
	return nil
}

// alphaMasked applies factors that are drawn as a node. Its inputs are x, the factors
// and the step.
type alphaMasked struct{ bernoulli }

func (op alphaMasked) String() string { return fmt.Sprintf("AlphaMasked{%v}", op.bernoulli) }

func (alphaMasked) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

// A shifted is what becomes of x: b is added where it is kept.
type shifted struct {
	b, dropped float64
	x, k       graph.Shape
}

func (op alphaMasked) shifted(in []*tensor.Dense) shifted {
	_, b, dropped := affine(op.at(in[2]))
	return shifted{b, dropped, in[0].Shape(), in[1].Shape()}
}

func (op alphaMasked) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.shifted(in), y, in, shiftedForward[float32], shiftedForward[float64])
}

func shiftedForward[T kernel.Float](s shifted, y []T, in [][]T) {
	kernel.MaskShiftBroadcast(y, in[0], in[1], s.b, s.dropped, s.x, s.k)
}

// HasGradient says that the factors are constants.
func (alphaMasked) HasGradient(input int) bool { return input == 0 }

func (op alphaMasked) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("AlphaDropoutGrad").Apply(masked{}, dy, in[1]), nil, nil}
}

// ChannelsLast implements [graph.ChannelsLast], for the factors that masked has it for.
func (op alphaMasked) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	if to := (masked{}).ChannelsLast(in...); to.Op == nil {
		return to
	}
	return graph.LastLayout{Op: alphaMaskedLast{op, inMemory(in[0]), inMemory(in[1])}, In: []bool{true, false, false}, Out: true, Follow: true}
}

// alphaMaskedLast knows the shapes in the order of memory.
type alphaMaskedLast struct {
	alphaMasked
	x, k graph.Shape
}

func (op alphaMaskedLast) String() string { return op.alphaMasked.String() + " channels-last" }

func (op alphaMaskedLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	s, factors := op.shifted(in), graph.Data[float32](in[1])
	if s.k[0] == s.x[0] && s.k[1] == s.x[1] && s.k[2:].TotalSize() == 1 {
		kernel.MaskShiftBroadcastLast(y.Float32s(), in[0].Float32s(), factors, s.b, s.dropped, s.x[0], s.x[1], s.x[2:].TotalSize())
		return nil
	}
	kernel.MaskShiftBroadcast(y.Float32s(), in[0].Float32s(), factors, s.b, s.dropped, op.x, op.k)
	return nil
}
