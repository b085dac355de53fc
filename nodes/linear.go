package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Linear maps the last axis of x to out numbers:
//
//	y = x · weightᵀ + bias
//
// Shapes: x is (..., in) with two axes or more; y is (..., out); weight is
// (out, in) and bias (out).
//
// Options: [NoBias], [WeightInit], [BiasInit], [Parametrize],
// [SharedWeight].
func Linear(s *graph.Scope, x *graph.Node, out int, opts ...LinearOption) *graph.Node {
	s = s.Layer("Linear", x)
	a := defaultAffine()
	for _, opt := range guard.Given(opts) {
		opt.linear(&a)
	}
	if x.Dims() < 2 {
		return s.Errorf("x has shape %v, want (N, ..., in)", x.Shape())
	}
	if out < 1 {
		return s.Errorf("out is %d, want at least 1", out)
	}
	return a.apply(s, linear{}, x, graph.Shape{out, x.Dim(-1)}, out)
}

// A LinearOption adjusts one [Linear].
type LinearOption interface{ linear(*affine) }

// linear is x·wᵀ + b, or x·wᵀ without a third input.
type linear struct {
	relu bool // y is max(y, 0): only where a program put the two together
}

func (op linear) String() string {
	if op.relu {
		return "Linear{relu}"
	}
	return "Linear"
}

func (linear) InferShape(in ...graph.Shape) (graph.Shape, error) {
	x, w := in[0], in[1]
	if x.Dims() < 1 || w.Dims() != 2 || x[x.Dims()-1] != w[1] {
		return nil, errors.Errorf("x has shape %v and weight %v, want (..., in) and (out, in)", x, w)
	}
	y := x.Clone()
	y[len(y)-1] = w[0]
	return y, nil
}

func (op linear) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	p := productOf(y, in[0])
	p.relu = op.relu
	return graph.Run(p, y, in, linearForward[float32], linearForward[float64])
}

func linearForward[T kernel.Float](p product, y []T, in [][]T) {
	var bias []T
	if len(in) > 2 {
		bias = in[2]
	}
	kernel.Linear(y, in[0], in[1], bias, p.rows, p.out, p.in, p.relu)
}

func (linear) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("LinearGrad")
	grads := []*graph.Node{s.Apply(linearGradX{}, dy, in[1]), s.Apply(linearGradW{}, dy, in[0])}
	if len(in) > 2 {
		grads = append(grads, biasGradient(s, in[2], dy, dy.Dims()-1))
	}
	return grads
}

// linearGradX is dy·w.
type linearGradX struct{}

func (linearGradX) String() string { return "LinearGradX" }

func (linearGradX) InferShape(in ...graph.Shape) (graph.Shape, error) {
	dx := in[0].Clone()
	dx[len(dx)-1] = in[1][1]
	return dx, nil
}

func (op linearGradX) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(productOf(in[0], dx), dx, in, linearBackwardX[float32], linearBackwardX[float64])
}

func linearBackwardX[T kernel.Float](p product, dx []T, in [][]T) {
	kernel.MatMul(dx, in[0], in[1], p.rows, p.in, p.out, false, false, false)
}

// linearGradW is dyᵀ·x, for inputs dy and x.
type linearGradW struct{}

func (linearGradW) String() string { return "LinearGradW" }

func (linearGradW) InferShape(in ...graph.Shape) (graph.Shape, error) {
	dy, x := in[0], in[1]
	return graph.Shape{dy[len(dy)-1], x[len(x)-1]}, nil
}

func (op linearGradW) Forward(dw *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(productOf(in[0], in[1]), dw, in, linearBackwardW[float32], linearBackwardW[float64])
}

func linearBackwardW[T kernel.Float](p product, dw []T, in [][]T) {
	kernel.MatMul(dw, in[0], in[1], p.out, p.in, p.rows, true, false, false)
}

// product is the size of a matrix product: y is (rows, out), x is (rows, in).
type product struct {
	rows, out, in int
	relu          bool // of y
}

func productOf(y, x *tensor.Dense) product {
	ys, xs := y.Shape(), x.Shape()
	return product{rows: ys[:len(ys)-1].TotalSize(), out: ys[len(ys)-1], in: xs[len(xs)-1]}
}

// biasGrad sums dy over all axes but one, that of the bias.
type biasGrad struct{ axis int }

func (op biasGrad) String() string { return fmt.Sprintf("BiasGrad{axis %d}", op.axis) }

func (op biasGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return graph.Shape{in[0][op.axis]}, nil
}

func (op biasGrad) Forward(db *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(linesAlong(in[0].Shape(), op.axis), db, in, biasBackward[float32], biasBackward[float64])
}

func biasBackward[T kernel.Float](l lines, db []T, in [][]T) {
	kernel.ChannelSum(db, in[0], l.outer, l.n, l.inner)
}
