package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Unfold writes side by side what a convolution sees, a column for each position of its
// kernel:
//
//	y[n, (c·k + i)·k + j, p·W' + q] = x[n, c, p·stride-pad+i·dilation, q·stride-pad+j·dilation]
//
// where x is 0 outside, so that a matrix of weights (out, C·k·k) times y is the
// convolution. It is PyTorch's unfold, and its gradient is PyTorch's fold.
//
// Shapes: x is (N, C, H, W); y is (N, C·k·k, H'·W'), with H' and W' as for [Conv2D]. It
// holds up to k·k times as many elements as x.
//
// Options: [Stride], [Pad], [Same], [Dilation], [KernelSize]. What else a [Conv2D] takes
// says nothing of what it sees and changes nothing here, so that its options can be
// passed on.
func Unfold(x *graph.Node, k int, opts ...ConvOption) *graph.Node {
	s := x.Layer("Unfold")
	if x.Dims() != 4 {
		return s.Errorf("x has shape %v, want %s", x.Shape(), images[2])
	}
	c := newConvolution(k, opts)
	c.groups = 1
	op, err := c.op(x.Shape(), 1)
	if err != nil {
		return s.Fail(err)
	}
	columns := graph.Shape{op.g.N, op.g.C * points(op.g.Kernel), points(op.g.Out)}
	return s.Apply(unfold{op.g, op.x, columns}, x)
}

// unfold is the matrix of columns of x, for the geometry of a convolution.
type unfold struct {
	g    *kernel.Conv
	x, y graph.Shape
}

func (op unfold) String() string { return fmt.Sprintf("Unfold{x %v, %+v}", op.x, *op.g) }

func (op unfold) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return op.y.Clone(), checkAffine(in, op.x, nil, 0)
}

func (op unfold) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.g, y, in, unfoldForward[float32], unfoldForward[float64])
}

func unfoldForward[T kernel.Float](g *kernel.Conv, y []T, in [][]T) { kernel.Unfold(g, y, in[0]) }

func (op unfold) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("UnfoldGrad").Apply(fold{op}, dy)}
}

// fold adds up what lies in the columns of each element of x.
type fold struct{ of unfold }

func (op fold) String() string { return "Fold{" + op.of.String() + "}" }

func (op fold) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.x.Clone(), nil }

func (op fold) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of.g, dx, in, foldForward[float32], foldForward[float64])
}

func foldForward[T kernel.Float](g *kernel.Conv, dx []T, in [][]T) { kernel.Fold(g, dx, in[0]) }
