package nodes

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/convlast"
	"gorgonia.org/tensor"
)

// conv is the convolution of x with w; a third input is the bias. Its geometry is
// that of one program and immutable.
type conv struct {
	g        *kernel.Conv
	x, w, y  graph.Shape
	winograd bool // Winograd's method may be used
	relu     bool // y is max(y, 0): only where a program put the two together
}

func (op conv) String() string {
	return fmt.Sprintf("Conv{x %v, weight %v, %+v, winograd %v, relu %v}", op.x, op.w, *op.g, op.winograd, op.relu)
}

func (op conv) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return op.y.Clone(), checkAffine(in, op.x, op.w, op.g.OC)
}

// checkAffine checks the inputs x, weight and, if there is one, bias.
func checkAffine(in []graph.Shape, x, w graph.Shape, out int) error {
	for i, want := range []graph.Shape{x, w, {out}}[:len(in)] {
		if !slices.Equal(in[i], want) {
			return errors.Errorf("input %d has shape %v, want %v", i, in[i], want)
		}
	}
	return nil
}

func (op conv) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, convForward[float32], convForward[float64])
}

func convForward[T kernel.Float](op conv, y []T, in [][]T) {
	kernel.ConvForward(op.g, y, in[0], in[1])
	if len(in) > 2 {
		kernel.AddChannel(y, y, in[2], op.g.N, op.g.OC, points(op.g.Out))
	}
	if op.relu {
		kernel.ReLU(y, y)
	}
}

func points(size extents) int { return size[0] * size[1] * size[2] }

func (op conv) withReLU() (graph.Op, bool) {
	op.relu = true
	return op, true
}

func (op conv) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayout(newConvLast(op, forwardPass, op.relu), len(in))
}

func (op conv) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("ConvGrad")
	grads := []*graph.Node{s.Apply(convGradX{op}, dy, in[1]), s.Apply(convGradW{op}, in[0], dy)}
	if len(in) > 2 {
		grads = append(grads, biasGradient(s, in[2], dy, 1))
	}
	return grads
}

// convGradX is the gradient of a convolution with respect to x, for inputs dy
// and w.
type convGradX struct{ of conv }

func (op convGradX) String() string { return "ConvGradX{" + op.of.String() + "}" }

func (op convGradX) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.x.Clone(), nil }

func (op convGradX) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of.g, dx, in, convBackwardX[float32], convBackwardX[float64])
}

func (op convGradX) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayout(newConvLast(op.of, backwardPass, false), len(in))
}

func convBackwardX[T kernel.Float](g *kernel.Conv, dx []T, in [][]T) {
	kernel.ConvBackwardData(g, dx, in[0], in[1])
}

// convGradW is the gradient of a convolution with respect to w, for inputs x and
// dy.
type convGradW struct{ of conv }

func (op convGradW) String() string { return "ConvGradW{" + op.of.String() + "}" }

func (op convGradW) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.w.Clone(), nil }

func (op convGradW) Forward(dw *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of.g, dw, in, convBackwardW[float32], convBackwardW[float64])
}

func (op convGradW) ChannelsLast(...graph.Shape) graph.LastLayout {
	to := convGradWLast{op.of, convlast.New(*op.of.g, op.of.winograd)}
	return graph.LastLayout{Op: to, In: []bool{true, true}}
}

func convBackwardW[T kernel.Float](g *kernel.Conv, dw []T, in [][]T) {
	kernel.ConvBackwardWeights(g, dw, in[0], in[1])
}
