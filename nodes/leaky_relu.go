package nodes

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// LeakyReLU is, for x of any shape,
//
//	y = x where x > 0, else slope · x
//
// with slope 0.01, or another by [NegativeSlope]. The derivative at 0 is slope.
//
// Source: Maas, Hannun, Ng, Rectifier Nonlinearities Improve Neural Network
// Acoustic Models, ICML 2013.
func LeakyReLU(x *graph.Node, opts ...LeakyReLUOption) *graph.Node {
	op := leakyReLU{slope: 0.01}
	for _, opt := range guard.Given(opts) {
		opt.leakyReLU(&op)
	}
	s := x.Layer("LeakyReLU")
	if math.IsNaN(op.slope) || math.IsInf(op.slope, 0) {
		return s.Errorf("the slope is %v, want a finite value", op.slope)
	}
	return s.Describe("slope=%v", op.slope).Apply(op, x)
}

// A LeakyReLUOption adjusts one [LeakyReLU].
type LeakyReLUOption interface{ leakyReLU(*leakyReLU) }

// NegativeSlope sets the slope of [LeakyReLU] below 0; 0.01 by default.
func NegativeSlope(slope float64) LeakyReLUOption { return negativeSlope(slope) }

type negativeSlope float64

func (n negativeSlope) leakyReLU(op *leakyReLU) { op.slope = float64(n) }

type leakyReLU struct{ slope float64 }

func (op leakyReLU) String() string { return fmt.Sprintf("LeakyReLU{slope %v}", op.slope) }

func (op leakyReLU) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op leakyReLU) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, leakyForward[float32], leakyForward[float64])
}

func leakyForward[T kernel.Float](op leakyReLU, y []T, in [][]T) {
	kernel.LeakyReLU(y, in[0], op.slope)
}

func (op leakyReLU) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("LeakyReLUGrad").Apply(leakyReLUGrad(op), in[0], dy)}
}

// leakyReLUGrad takes x and not y: with a slope ≤ 0 the sign of y says nothing.
type leakyReLUGrad struct{ slope float64 }

func (op leakyReLUGrad) String() string { return fmt.Sprintf("LeakyReLUGrad{slope %v}", op.slope) }

func (op leakyReLUGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op leakyReLUGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, leakyBackward[float32], leakyBackward[float64])
}

func leakyBackward[T kernel.Float](op leakyReLUGrad, dx []T, in [][]T) {
	kernel.LeakyReLUGrad(dx, in[0], in[1], op.slope)
}
