package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// convNorm is a convolution and its normalisation with constant statistics, as in
// evaluation. Inputs are those of the convolution, then those of the normalisation
// but for the first: x, w, perhaps a bias, the statistics, and perhaps weight and
// bias of the normalisation.
//
// On channels-last memory it is one convolution, as both are linear:
//
//	(conv(x, w) + b - mean)·s + beta = conv(x, s·w) + (b - mean)·s + beta,
//	s = gamma / sqrt(var + eps)
type convNorm struct {
	of   conv
	norm normalize
}

// Absorb implements [graph.Absorber].
func (op normalize) Absorb(i int, by graph.Op) (graph.Op, bool) {
	if i != 0 || !op.constant || op.of != op.affine {
		return nil, false
	}
	switch by := by.(type) {
	case conv:
		return convNorm{by, op}, !by.relu && op.of == channels(by.y)
	case linear:
		return linearNorm{op}, !by.relu && op.of.Inner == 1
	}
	return nil, false
}

func (op convNorm) String() string { return fmt.Sprintf("ConvNorm{%v, %v}", op.of, op.norm) }

func (op convNorm) InferShape(in ...graph.Shape) (graph.Shape, error) {
	at, err := foldedInputs(in)
	if err != nil {
		return nil, err
	}
	return op.of.InferShape(in[:at.stats]...)
}

func (op convNorm) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	stats := affineInputs(len(in)).stats
	if err := op.of.Forward(y, in[:stats]...); err != nil {
		return err
	}
	return op.norm.inPlace(y, in[stats:])
}

// inPlace normalises y by the statistics, and what else there is of inputs.
func (op normalize) inPlace(y *tensor.Dense, stats []*tensor.Dense) error {
	return op.Forward(y, append([]*tensor.Dense{y}, stats...)...)
}

func (op convNorm) withReLU() (graph.Op, bool) {
	op.norm.relu = true
	return op, true
}

func (op convNorm) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	conv := newConvLast(op.of, forwardPass, op.norm.relu)
	to := lastLayout(conv, len(in))
	to.Op = convNormLast{op, conv}
	return to
}

// convNormLast is a convNorm on channels-last memory.
type convNormLast struct {
	of   convNorm
	conv convLast
}

func (op convNormLast) String() string { return "Last" + op.of.String() }

func (op convNormLast) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return op.of.InferShape(in...)
}

func (op convNormLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return inSteps(op, y, in)
}

// Split implements [graph.Splitter].
func (op convNormLast) Split(_ bool, in ...graph.Shape) []graph.Part {
	n := len(in)
	return append(foldParts(op.of.norm, n),
		graph.Part{Op: op.conv.pack(), In: []int{n + 1}},
		graph.Part{Op: op.conv.convProduct, In: []int{0, n + 2, n}}) // the shift is a bias
}
