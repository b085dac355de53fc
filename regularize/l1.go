package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// L1 adds to the training loss, for every weight w at or under the scope,
//
//	λ · Σ |w|
//
// with the gradient λ · sign(w), where sign(0) = 0: every step moves a weight
// towards 0 by the same amount. λ must be finite and not negative.
//
// [graph.Scope.Penalise] says what a weight is: biases and the parameters of
// normalisations are left alone. The call may stand before or after the layers.
// Only [graph.Train] mode has the term; penalties on the same weight add up.
//
// Source: Tibshirani, Regression Shrinkage and Selection via the Lasso, Journal
// of the Royal Statistical Society B 58, 1996.
func L1(s *graph.Scope, lambda float64) { penalise(s.Layer("L1"), lambda, l1{lambda}) }

type l1 struct{ lambda float64 }

func (op l1) String() string { return fmt.Sprintf("L1{λ %v}", op.lambda) }

func (op l1) InferShape(...graph.Shape) (graph.Shape, error) { return graph.Shape{}, nil }

func (op l1) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, l1Forward[float32], l1Forward[float64])
}

func l1Forward[T kernel.Float](op l1, y []T, in [][]T) {
	y[0] = T(op.lambda * kernel.SumAbs(in[0]))
}

func (op l1) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("L1Grad").Apply(l1Grad(op), in[0], dy)}
}

// l1Grad is dw = dy·λ·sign(w), for the inputs w and dy.
type l1Grad struct{ lambda float64 }

func (op l1Grad) String() string { return fmt.Sprintf("L1Grad{λ %v}", op.lambda) }

func (op l1Grad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op l1Grad) Forward(dw *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dw, in, l1Backward[float32], l1Backward[float64])
}

func l1Backward[T kernel.Float](op l1Grad, dw []T, in [][]T) {
	kernel.SignScale(dw, in[0], op.lambda*float64(in[1][0]))
}
