package regularize

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// dropConnect is a linear map with a mask for each row of its input. Its inputs are x
// (..., in), the weight (out, in), a bias or none, and the step.
type dropConnect struct{ bernoulli }

func (op dropConnect) String() string { return fmt.Sprintf("DropConnectLinear{%v}", op.bernoulli) }

// ShiftsVariance implements [graph.Noisy].
func (dropConnect) ShiftsVariance() bool { return true }

func (op dropConnect) InferShape(in ...graph.Shape) (graph.Shape, error) {
	x, w := in[0], in[1]
	if w.Dims() != 2 || x[x.Dims()-1] != w[1] {
		return nil, errors.Errorf("x has shape %v and weight %v, want (..., in) and (out, in)", x, w)
	}
	y := x.Clone()
	y[len(y)-1] = w[0]
	return y, nil
}

func (op dropConnect) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	p := productOf(op.bernoulli, in[len(in)-1], y, in[0])
	return graph.Run(p, y, in, dropConnectForward[float32], dropConnectForward[float64])
}

func dropConnectForward[T kernel.Float](p product, y []T, in [][]T) {
	var bias []T
	if len(in) > 3 {
		bias = in[2]
	}
	kernel.DropConnect(p.mask, y, in[0], in[1], bias, p.rows, p.out, p.in)
}

func (op dropConnect) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s, step := y.Layer("DropConnectLinearGrad"), in[len(in)-1]
	grads := []*graph.Node{
		s.Apply(dropConnectGradX(op), dy, in[1], step),
		s.Apply(dropConnectGradW(op), dy, in[0], step),
	}
	if len(in) > 3 {
		grads = append(grads, s.Apply(dropConnectGradB{op.bernoulli, in[1].Dim(1)}, dy, step))
	}
	return append(grads, nil)
}

// product is the size of a matrix product: y is (rows, out), x is (rows, in).
type product struct {
	mask          kernel.Mask
	rows, out, in int
}

func productOf(b bernoulli, step, y, x *tensor.Dense) product {
	ys, xs := y.Shape(), x.Shape()
	return product{b.at(step), ys[:len(ys)-1].TotalSize(), ys[len(ys)-1], xs[len(xs)-1]}
}

// dropConnectGradX is the gradient of x, for the inputs dy, weight and step.
type dropConnectGradX struct{ bernoulli }

func (op dropConnectGradX) String() string {
	return fmt.Sprintf("DropConnectLinearGradX{%v}", op.bernoulli)
}

func (dropConnectGradX) InferShape(in ...graph.Shape) (graph.Shape, error) {
	dx := in[0].Clone()
	dx[len(dx)-1] = in[1][1]
	return dx, nil
}

func (op dropConnectGradX) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	p := productOf(op.bernoulli, in[2], in[0], dx)
	return graph.Run(p, dx, in, dropConnectBackwardX[float32], dropConnectBackwardX[float64])
}

func dropConnectBackwardX[T kernel.Float](p product, dx []T, in [][]T) {
	kernel.DropConnectGradX(p.mask, dx, in[0], in[1], p.rows, p.out, p.in)
}

// dropConnectGradW is the gradient of the weight, for the inputs dy, x and step.
type dropConnectGradW struct{ bernoulli }

func (op dropConnectGradW) String() string {
	return fmt.Sprintf("DropConnectLinearGradW{%v}", op.bernoulli)
}

func (dropConnectGradW) InferShape(in ...graph.Shape) (graph.Shape, error) {
	dy, x := in[0], in[1]
	return graph.Shape{dy[len(dy)-1], x[len(x)-1]}, nil
}

func (op dropConnectGradW) Forward(dw *tensor.Dense, in ...*tensor.Dense) error {
	p := productOf(op.bernoulli, in[2], in[0], in[1])
	return graph.Run(p, dw, in, dropConnectBackwardW[float32], dropConnectBackwardW[float64])
}

func dropConnectBackwardW[T kernel.Float](p product, dw []T, in [][]T) {
	kernel.DropConnectGradW(p.mask, dw, in[0], in[1], p.rows, p.out, p.in)
}

// dropConnectGradB is the gradient of the bias, for the inputs dy and step; a unit has
// in weights before it.
type dropConnectGradB struct {
	bernoulli
	in int
}

func (op dropConnectGradB) String() string {
	return fmt.Sprintf("DropConnectLinearGradB{%v, in %d}", op.bernoulli, op.in)
}

func (dropConnectGradB) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return graph.Shape{in[0][len(in[0])-1]}, nil
}

func (op dropConnectGradB) Forward(db *tensor.Dense, in ...*tensor.Dense) error {
	p := productOf(op.bernoulli, in[1], in[0], in[0])
	p.in = op.in
	return graph.Run(p, db, in, dropConnectBackwardB[float32], dropConnectBackwardB[float64])
}

func dropConnectBackwardB[T kernel.Float](p product, db []T, in [][]T) {
	kernel.DropConnectGradB(p.mask, db, in[0], p.rows, p.out, p.in)
}
