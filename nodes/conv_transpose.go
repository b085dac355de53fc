package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// ConvTranspose2D is the transpose of a [Conv2D] with the same weight and
// options, plus a bias: it takes what has the shape of the convolution's output
// to the shape of its input, as its gradient does. Decoders use it to enlarge
// images. It is no inverse.
//
// Shapes: x is (N, in, H, W); y is (N, out, H', W') with
//
//	H' = (H-1)·stride - 2·pad + dilation·(k-1) + outputPad + 1;
//
// weight is (in, out/groups, k, k) and bias (out). As in PyTorch, the fan_in of
// their defaults is out/groups·k·k.
//
// Options: [Stride], [Pad], [OutputPad], [Dilation], [Groups], [KernelSize],
// [NoBias], [WeightInit], [BiasInit], [Parametrize],
// [SharedWeight].
//
// Source: Zeiler et al., Deconvolutional Networks, CVPR 2010.
func ConvTranspose2D(s *graph.Scope, x *graph.Node, out, k int, opts ...ConvTransposeOption) *graph.Node {
	s = s.Layer("ConvTranspose2D", x)
	c := &convTransposing{window: window{kernel: []int{k}}, affine: defaultAffine(), groups: 1}
	for _, opt := range guard.Given(opts) {
		opt.convTranspose(c)
	}
	if x.Dims() != 4 {
		return s.Errorf("x has shape %v, want %s", x.Shape(), images[2])
	}
	op, err := c.op(x.Shape(), out)
	if err != nil {
		return s.Fail(err)
	}
	op.of.winograd = s.Winograd()
	return c.apply(s.Describe("%s", op.of.text()), op, x, op.of.w, out)
}

func (c *convTransposing) op(x graph.Shape, out int) (convTranspose, error) {
	var op convTranspose
	g, err := c.over(x)
	if err != nil {
		return op, err
	}
	if err := checkChannels(x[1], out, c.groups); err != nil {
		return op, err
	}
	extra, err := perAxis("OutputPad", c.outputPad, g.dims, 0, 0)
	if err != nil {
		return op, err
	}
	var to extents
	for axis := range to {
		if e := extra[axis]; e > 0 && e >= max(g.stride[axis], g.dilation[axis]) {
			return op, errors.Errorf("OutputPad is %v, want less than the stride or the dilation", c.outputPad)
		}
		to[axis] = (g.in[axis]-1)*g.stride[axis] - 2*g.pad[axis] + g.span(axis) + extra[axis]
		if to[axis] < 1 {
			return op, errors.Errorf("Pad is %v, which leaves nothing of the output of x with shape %v; want less", c.pad, x)
		}
	}
	y := g.shape(x[0], out, to)
	op.of = conv{
		g: &kernel.Conv{
			N: x[0], C: out, OC: x[1], Groups: c.groups,
			In: to, Kernel: g.kernel, Out: g.in, Stride: g.stride, Pad: g.pad, Dilation: g.dilation,
		},
		x: y, w: g.shape(x[1], out/c.groups, g.kernel), y: x.Clone(),
	}
	return op, nil
}

// convTranspose is the gradient, with respect to its input, of the convolution
// that takes y to x. Inputs are x, w and perhaps a bias.
type convTranspose struct{ of conv } // of.relu is of its own output

func (op convTranspose) String() string { return "ConvTranspose{" + op.of.String() + "}" }

func (op convTranspose) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return op.of.x.Clone(), checkAffine(in, op.of.y, op.of.w, op.of.g.C)
}

func (op convTranspose) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of, y, in, convTransposeForward[float32], convTransposeForward[float64])
}

func convTransposeForward[T kernel.Float](of conv, y []T, in [][]T) {
	kernel.ConvBackwardData(of.g, y, in[0], in[1])
	if len(in) > 2 {
		kernel.AddChannel(y, y, in[2], of.g.N, of.g.C, points(of.g.In))
	}
	if of.relu {
		kernel.ReLU(y, y)
	}
}

func (op convTranspose) withReLU() (graph.Op, bool) {
	op.of.relu = true
	return op, true
}

func (op convTranspose) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayout(newConvLast(op.of, backwardPass, op.of.relu), len(in))
}

func (op convTranspose) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("ConvTransposeGrad")
	grads := []*graph.Node{s.Apply(op.of, dy, in[1]), s.Apply(convGradW(op), dy, in[0])}
	if len(in) > 2 {
		grads = append(grads, biasGradient(s, in[2], dy, 1))
	}
	return grads
}
