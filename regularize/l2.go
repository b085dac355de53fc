package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// L2 adds to the training loss, for every weight w at or under the scope,
//
//	λ · Σ w²
//
// with the gradient 2λ·w: every step moves a weight towards 0 by the same
// fraction. There is no ½: λ is that of Keras's L2. λ must be finite and not
// negative.
//
// For an SGD solver, with momentum or without, it is what PyTorch calls
// weight_decay = 2λ, on weights alone. For Adam it isn't what AdamW does: there
// the decay bypasses the moments.
//
// What counts as a weight, and when the term is there, is as for [L1].
//
// Source: Hoerl, Kennard, Ridge Regression: Biased Estimation for Nonorthogonal
// Problems, Technometrics 12, 1970.
func L2(s *graph.Scope, lambda float64) { penalise(s.Layer("L2"), lambda, l2{lambda}) }

type l2 struct{ lambda float64 }

func (op l2) String() string { return fmt.Sprintf("L2{λ %v}", op.lambda) }

func (op l2) InferShape(...graph.Shape) (graph.Shape, error) { return graph.Shape{}, nil }

func (op l2) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, l2Forward[float32], l2Forward[float64])
}

func l2Forward[T kernel.Float](op l2, y []T, in [][]T) {
	y[0] = T(op.lambda * kernel.SumSquares(in[0]))
}

func (op l2) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("L2Grad").Apply(l2Grad(op), in[0], dy)}
}

// l2Grad is dw = dy·2λ·w, for the inputs w and dy.
type l2Grad struct{ lambda float64 }

func (op l2Grad) String() string { return fmt.Sprintf("L2Grad{λ %v}", op.lambda) }

func (op l2Grad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op l2Grad) Forward(dw *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dw, in, l2Backward[float32], l2Backward[float64])
}

func l2Backward[T kernel.Float](op l2Grad, dw []T, in [][]T) {
	kernel.Scale(dw, in[0], 2*op.lambda*float64(in[1][0]))
}
