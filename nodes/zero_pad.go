package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// ZeroPad puts zeros along an axis, as many as before in front of x and as many as
// after behind it; a negative axis counts from the end. The zeros have no gradient.
//
// Shapes: y is as x, but longer by before+after along the axis.
//
// Along the channels it widens the shortcut of a residual block that has no
// parameters; along height or width it makes maps of a size that halves evenly. A
// convolution pads by itself; see [Pad]. It is PyTorch's F.pad for one axis.
func ZeroPad(x *graph.Node, axis, before, after int) *graph.Node {
	s := x.Layer("ZeroPad")
	if before < 0 || after < 0 || before > largest || after > largest {
		return s.Errorf("before and after are %d and %d, want at least 0 and at most 2³⁰", before, after)
	}
	return s.Apply(zeroPad{axis, before, after}, x)
}

type zeroPad struct{ axis, before, after int }

func (op zeroPad) String() string {
	return fmt.Sprintf("ZeroPad{axis %d, %d, %d}", op.axis, op.before, op.after)
}

func (op zeroPad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if len(in[0]) == 0 {
		return nil, errors.New("x is a scalar, want an axis to pad")
	}
	if err := checkAxis(in[0], op.axis); err != nil {
		return nil, err
	}
	y := in[0].Clone()
	y[op.at(y)] += op.before + op.after
	return y, nil
}

func (op zeroPad) at(x graph.Shape) int { return concat{op.axis}.at(x) }

func (op zeroPad) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return op.forward(linesAlong(y.Shape(), op.at(y.Shape())), y, in)
}

func (op zeroPad) forward(l lines, y *tensor.Dense, in []*tensor.Dense) error {
	b := block{l, op.before, l.n - op.before - op.after}
	return graph.Run(b, y, in, placeBlock[float32], placeBlock[float64])
}

// placeBlock puts a block among zeros.
func placeBlock[T kernel.Float](b block, y []T, in [][]T) {
	clear(y)
	copyBlock(b, y, in)
}

func (op zeroPad) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	axis := op.at(in[0].Shape())
	return []*graph.Node{y.Layer("ZeroPadGrad").Apply(slice{axis, op.before, in[0].Dim(axis)}, dy)}
}
