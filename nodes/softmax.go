package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Softmax makes the elements along an axis of x positive with sum 1:
//
//	y[i] = exp(x[i]) / Σ_j exp(x[j])
//
// Shapes: x has at least one axis; y is as x. A negative one counts from the end:
// -1 is the last. The largest x along the axis is subtracted first, so that
// nothing overflows. Where an x is NaN or +Inf, all of y along the axis is NaN.
//
// A loss over it is better computed from x: see [CrossEntropy].
func Softmax(x *graph.Node, axis int) *graph.Node {
	return x.Layer("Softmax").Describe("axis=%d", axis).Apply(softmax{axis}, x)
}

type softmax struct{ axis int }

func (op softmax) String() string { return fmt.Sprintf("Softmax{axis %d}", op.axis) }

func (op softmax) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return in[0].Clone(), checkAxis(in[0], op.axis)
}

func (op softmax) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(linesAlong(y.Shape(), op.axis), y, in, softmaxForward[float32], softmaxForward[float64])
}

func softmaxForward[T kernel.Float](l lines, y []T, in [][]T) {
	kernel.Softmax(y, in[0], l.outer, l.n, l.inner)
}

func (op softmax) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("SoftmaxGrad").Apply(softmaxGrad(op), y, dy)}
}

type softmaxGrad struct{ axis int }

func (op softmaxGrad) String() string { return fmt.Sprintf("SoftmaxGrad{axis %d}", op.axis) }

func (op softmaxGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op softmaxGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(linesAlong(dx.Shape(), op.axis), dx, in, softmaxBackward[float32], softmaxBackward[float64])
}

func softmaxBackward[T kernel.Float](l lines, dx []T, in [][]T) {
	kernel.SoftmaxBackward(dx, in[0], in[1], l.outer, l.n, l.inner)
}

// lines views a tensor as (outer, n, inner), with n along an axis.
type lines struct{ outer, n, inner int }

func linesAlong(shape graph.Shape, axis int) lines {
	if axis < 0 {
		axis += len(shape)
	}
	return lines{shape[:axis].TotalSize(), shape[axis], shape[axis+1:].TotalSize()}
}

func checkAxis(shape graph.Shape, axis int) error {
	if axis < -len(shape) || axis >= len(shape) {
		return errors.Errorf("axis is %d and x has shape %v, want %d ≤ axis < %d", axis, shape, -len(shape), len(shape))
	}
	return nil
}
