package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// slice is n of the indices of an axis, from offset on.
type slice struct{ axis, offset, n int }

func (op slice) String() string {
	return fmt.Sprintf("Slice{axis %d, from %d, %d}", op.axis, op.offset, op.n)
}

func (op slice) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := in[0].Clone()
	y[op.axis] = op.n
	return y, nil
}

func (op slice) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return op.forward(linesAlong(in[0].Shape(), op.axis), y, in)
}

func (op slice) forward(l lines, y *tensor.Dense, in []*tensor.Dense) error {
	b := block{l, op.offset, op.n}
	return graph.Run(b, y, in, sliceBlock[float32], sliceBlock[float64])
}

func sliceBlock[T kernel.Float](b block, y []T, in [][]T) {
	kernel.SliceBlock(y, in[0], b.of.outer, b.of.n, b.n, b.offset, b.of.inner)
}

func (op slice) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	after := in[0].Dim(op.axis) - op.offset - op.n
	return []*graph.Node{y.Layer("SliceGrad").Apply(zeroPad{op.axis, op.offset, after}, dy)}
}
