package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/convlast"
	"gorgonia.org/tensor"
)

// A convPass is one of the two passes of a convolution that take weights.
type convPass int

const (
	forwardPass  convPass = iota // y of x
	backwardPass                 // dx of dy
)

// convLast is a pass over channels-last memory, for inputs as those of conv: the
// source, the weight and perhaps a bias. Its weights are packed in a step of its
// own.
type convLast struct{ convProduct }

func newConvLast(of conv, pass convPass, relu bool) convLast {
	return convLast{convProduct{of, convlast.New(*of.g, of.winograd), pass, relu}}
}

// lastLayout is that of a pass with so many inputs.
func lastLayout(op convLast, inputs int) graph.LastLayout {
	in := make([]bool, inputs)
	in[0] = true
	return graph.LastLayout{Op: op, In: in, Out: true}
}

func (op convLast) String() string { return "ConvLast{" + op.convProduct.String() + "}" }

func (op convLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error { return inSteps(op, y, in) }

// Split implements [graph.Splitter].
func (op convLast) Split(_ bool, in ...graph.Shape) []graph.Part {
	product := graph.Part{Op: op.convProduct, In: []int{0, len(in)}}
	if len(in) > 2 {
		product.In = append(product.In, 2)
	}
	return []graph.Part{{Op: op.pack(), In: []int{1}}, product}
}

func (op convProduct) pack() convPack { return convPack{op.k, op.pass} }

// convPack packs the weights for a pass.
type convPack struct {
	k    *convlast.Conv
	pass convPass
}

// String says what the packed numbers depend on, which the batch size mostly is no part of.
func (op convPack) String() string {
	if op.pass == backwardPass {
		return fmt.Sprintf("ConvPack{backward, %s}", op.k.BackwardLayout())
	}
	return fmt.Sprintf("ConvPack{%s}", op.k.ForwardLayout())
}

func (op convPack) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.size()}, nil
}

func (op convPack) size() int {
	if op.pass == backwardPass {
		return op.k.BackwardSize()
	}
	return op.k.ForwardSize()
}

func (op convPack) Forward(packed *tensor.Dense, in ...*tensor.Dense) error {
	to, w := graph.Data[float32](packed), graph.Data[float32](in[0])
	if op.pass == backwardPass {
		op.k.PackBackward(to, w)
	} else {
		op.k.PackForward(to, w)
	}
	return nil
}

// convProduct is a pass for inputs the source, the packed weights and perhaps a
// bias.
type convProduct struct {
	of   conv
	k    *convlast.Conv
	pass convPass
	relu bool
}

func (op convProduct) String() string {
	return fmt.Sprintf("ConvProduct{%v, pass %d, relu %v}", op.of, op.pass, op.relu)
}

func (op convProduct) InferShape(...graph.Shape) (graph.Shape, error) {
	if op.pass == backwardPass {
		return op.of.x.Clone(), nil
	}
	return op.of.y.Clone(), nil
}

func (op convProduct) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	to, from, packed := graph.Data[float32](y), graph.Data[float32](in[0]), graph.Data[float32](in[1])
	var bias []float32
	if len(in) > 2 {
		bias = graph.Data[float32](in[2])
	}
	if op.pass == backwardPass {
		op.k.Transposed(to, from, packed, bias, op.relu)
	} else {
		op.k.Forward(to, from, packed, bias, op.relu)
	}
	return nil
}

// convGradWLast is the gradient with respect to w of channels-last x and dy.
type convGradWLast struct {
	of conv
	k  *convlast.Conv
}

func (op convGradWLast) String() string { return "ConvGradWLast{" + op.of.String() + "}" }

func (op convGradWLast) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.w.Clone(), nil }

func (op convGradWLast) Forward(dw *tensor.Dense, in ...*tensor.Dense) error {
	op.k.BackwardWeights(graph.Data[float32](dw), graph.Data[float32](in[0]), graph.Data[float32](in[1]))
	return nil
}

func (op biasGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	if op.axis != 1 || len(in[0]) < 3 {
		return graph.LastLayout{}
	}
	return graph.LastLayout{Op: biasGradLast{}, In: []bool{true}}
}

// biasGradLast sums channels-last dy over all axes but that of the channels.
type biasGradLast struct{}

func (biasGradLast) String() string { return "BiasGradLast" }

func (biasGradLast) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return graph.Shape{in[0][1]}, nil
}

func (biasGradLast) Forward(db *tensor.Dense, in ...*tensor.Dense) error {
	channels := in[0].Shape()[1]
	dy := graph.Data[float32](in[0])
	kernel.ChannelSum(graph.Data[float32](db), dy, len(dy)/channels, channels, 1)
	return nil
}
