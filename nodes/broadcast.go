package nodes

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// broadcastShape returns the shape of an operation on shapes a and b by NumPy's
// rules: aligned at the right, the sizes of an axis are equal or one of them is
// 1.
func broadcastShape(a, b graph.Shape) (graph.Shape, error) {
	y, other := slices.Clone(a), b
	if len(a) < len(b) {
		y, other = slices.Clone(b), a
	}
	for i, n := range other {
		at := len(y) - len(other) + i
		switch {
		case y[at] == 1:
			y[at] = n
		case n != 1 && n != y[at]:
			return nil, errors.Errorf("the operands have shapes %v and %v, want axes that are equal, or of size 1, from the last one on", a, b)
		}
	}
	return y, nil
}

// broadcastOver declares op, one of Add and Mul, on a and b.
func broadcastOver(s *graph.Scope, op graph.Op, a, b *graph.Node) *graph.Node {
	if err := sameTypes(a, b); err != nil {
		return s.Fail(err)
	}
	return s.Apply(op, a, b)
}

// broadcast is what Add and Mul have in common; see broadcastShape.
type broadcast struct{}

func (broadcast) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return broadcastShape(in[0], in[1])
}

// operands are the shapes of an operation.
type operands struct {
	op      kernel.BinaryOp
	y, a, b []int
}

func operate(op kernel.BinaryOp, y *tensor.Dense, in []*tensor.Dense) error {
	o := operands{op, y.Shape(), in[0].Shape(), in[1].Shape()}
	return graph.Run(o, y, in, operateForward[float32], operateForward[float64])
}

func operateForward[T kernel.Float](o operands, y []T, in [][]T) {
	kernel.Broadcast(o.op, y, in[0], in[1], o.y, o.a, o.b)
}

// sameTypes wants inputs of one element type. What is nil or inert has none.
func sameTypes(xs ...*graph.Node) error {
	for i, x := range xs {
		if x.Gorgonia() != nil && xs[0].Gorgonia() != nil && x.Dtype() != xs[0].Dtype() {
			return errors.Errorf("input %d has type %v, want %v as input 0", i, x.Dtype(), xs[0].Dtype())
		}
	}
	return nil
}

// reduceTo declares the sum of x down to a shape it was broadcast from.
func reduceTo(s *graph.Scope, x *graph.Node, shape graph.Shape) *graph.Node {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	return s.Apply(sumTo{shape.Clone()}, x)
}

// sumTo sums over the axes along which a tensor of this shape was broadcast.
type sumTo struct{ to graph.Shape }

func (op sumTo) String() string { return fmt.Sprintf("SumTo{%v}", op.to) }

func (op sumTo) InferShape(...graph.Shape) (graph.Shape, error) { return op.to.Clone(), nil }

func (op sumTo) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(operands{y: y.Shape(), a: in[0].Shape()}, y, in, sumToForward[float32], sumToForward[float64])
}

func sumToForward[T kernel.Float](o operands, y []T, in [][]T) {
	kernel.ReduceTo(y, in[0], o.a, o.y)
}
