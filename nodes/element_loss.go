package nodes

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// An elementLoss is a loss of each element by itself: a function of d = y-target,
// even in d.
type elementLoss struct {
	kind  elementKind
	delta float64 // of huber
	// The reduction is no attribute of the op.
	reduction Reduction
}

type elementKind string

const (
	squared  elementKind = "SquaredError"
	absolute elementKind = "AbsError"
	huber    elementKind = "Huber"
)

// loss declares the loss of y.
func (o *elementLoss) loss(s *graph.Scope, y, target *graph.Node) *graph.Node {
	if err := checkElements(y, target); err != nil {
		return s.Fail(err)
	}
	return o.reduction.of(s, s.Apply(elementOp{o.kind, o.delta}, y, target))
}

// checkElements wants a target like the prediction. Shape.Eq would not do: to it
// (N) and (N, 1) are equal.
func checkElements(y, target *graph.Node) error {
	switch {
	case target.Dtype() != y.Dtype():
		return errors.Errorf("the target has type %v, want %v as the prediction", target.Dtype(), y.Dtype())
	case !slices.Equal(target.Shape(), y.Shape()):
		hint := ""
		if y.Dims() == 2 && y.Dim(1) == 1 && target.Dims() == 1 {
			hint = "; end the model in nodes.Reshape(y, -1)"
		}
		return errors.Errorf("the prediction has shape %v and the target %v, want equal shapes: broadcast against each other, every prediction would meet the targets of other samples%s", y.Shape(), target.Shape(), hint)
	}
	return nil
}

type elementOp struct {
	kind  elementKind
	delta float64
}

func (op elementOp) String() string { return fmt.Sprintf("%s{delta %v}", op.kind, op.delta) }

func (op elementOp) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op elementOp) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, elementForward[float32], elementForward[float64])
}

func elementForward[T kernel.Float](op elementOp, y []T, in [][]T) {
	switch op.kind {
	case squared:
		kernel.SquaredError(y, in[0], in[1])
	case absolute:
		kernel.AbsError(y, in[0], in[1])
	case huber:
		kernel.Huber(y, in[0], in[1], op.delta)
	}
}

// Backward exchanges y and target for the gradient of the target: the loss is
// even in their difference.
func (op elementOp) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer(string(op.kind) + "Grad")
	return []*graph.Node{
		s.Apply(elementGrad(op), in[0], in[1], dy),
		s.Apply(elementGrad(op), in[1], in[0], dy),
	}
}

type elementGrad struct {
	kind  elementKind
	delta float64
}

func (op elementGrad) String() string { return fmt.Sprintf("%sGrad{delta %v}", op.kind, op.delta) }

func (op elementGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op elementGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, elementBackward[float32], elementBackward[float64])
}

func elementBackward[T kernel.Float](op elementGrad, dx []T, in [][]T) {
	switch op.kind {
	case squared:
		kernel.SquaredErrorGrad(dx, in[0], in[1], in[2])
	case absolute:
		kernel.AbsErrorGrad(dx, in[0], in[1], in[2])
	case huber:
		kernel.HuberGrad(dx, in[0], in[1], in[2], op.delta)
	}
}
