package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// biasGradient declares the gradient of a bias along an axis of what has the gradient
// dy: the sums of dy. Before a batch norm of the same channels they are 0 but for
// rounding, as the norm takes away with the mean whatever a bias adds, so there they
// need no pass over dy.
func biasGradient(s *graph.Scope, bias, dy *graph.Node, axis int) *graph.Node {
	if axis == 1 && centred(dy) {
		return s.Apply(zeroGrad{}, bias)
	}
	return s.Apply(biasGrad{axis}, dy)
}

// centred reports whether dy is a gradient that batch norm of its channels passes on.
func centred(dy *graph.Node) bool {
	of := channels(dy.Shape())
	switch op, _ := dy.Made(); op := op.(type) {
	case normalizeGrad:
		return op.of.shared() && op.of.of == of
	case normPoolGrad:
		return op.of.norm.of == of
	}
	return false
}

// zeroGrad is the gradient of an input that makes no difference.
type zeroGrad struct{}

func (zeroGrad) String() string { return "ZeroGrad" }

func (zeroGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op zeroGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, zeroForward[float32], zeroForward[float64])
}

func zeroForward[T kernel.Float](_ zeroGrad, dx []T, _ [][]T) { clear(dx) }
