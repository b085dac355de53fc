package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Concat puts one or more nodes one after another along an axis; a negative one
// counts from the end.
//
// Shapes: the inputs agree in all axes but that one, where y has the sum of their
// sizes.
func Concat(axis int, xs ...*graph.Node) *graph.Node {
	if len(xs) == 0 {
		xs = []*graph.Node{nil}
	}
	s := xs[0].Layer("Concat", xs[1:]...)
	if err := sameTypes(xs...); err != nil {
		return s.Fail(err)
	}
	return s.Apply(concat{axis}, xs...)
}

type concat struct{ axis int }

func (op concat) String() string { return fmt.Sprintf("Concat{axis %d}", op.axis) }

func (op concat) InferShape(in ...graph.Shape) (graph.Shape, error) {
	if err := checkAxis(in[0], op.axis); err != nil {
		return nil, err
	}
	axis := op.at(in[0])
	y := in[0].Clone()
	for k, x := range in[1:] {
		same := len(x) == len(y)
		for i := range x {
			same = same && (i == axis || x[i] == y[i])
		}
		if !same {
			return nil, errors.Errorf("inputs 0 and %d have shapes %v and %v, want the same in all axes but %d", k+1, in[0], x, axis)
		}
		y[axis] += x[axis]
	}
	return y, nil
}

// at returns the axis counted from the start.
func (op concat) at(x graph.Shape) int {
	if op.axis < 0 {
		return op.axis + len(x)
	}
	return op.axis
}

func (op concat) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return op.forward(linesAlong(y.Shape(), op.axis), y, in)
}

func (op concat) forward(l lines, y *tensor.Dense, in []*tensor.Dense) error {
	offset := 0
	for i, x := range in {
		b := block{l, offset, x.Shape()[op.at(x.Shape())]}
		if err := graph.Run(b, y, in[i:i+1], copyBlock[float32], copyBlock[float64]); err != nil {
			return err
		}
		offset += b.n
	}
	return nil
}

// block is n of the indices of an axis, from offset on.
type block struct {
	of        lines
	offset, n int
}

func copyBlock[T kernel.Float](b block, y []T, in [][]T) {
	kernel.CopyBlock(y, in[0], b.of.outer, b.of.n, b.n, b.offset, b.of.inner)
}

func (op concat) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("ConcatGrad")
	grads, offset := make([]*graph.Node, len(in)), 0
	for i, x := range in {
		axis := op.at(x.Shape())
		grads[i] = s.Apply(slice{axis, offset, x.Dim(axis)}, dy)
		offset += x.Dim(axis)
	}
	return grads
}
