package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// bernoulli draws factors that are 0 at a rate.
type bernoulli struct {
	key   philox.Key
	rate  rate
	scale scaling
}

func (b bernoulli) String() string {
	switch b.scale {
	case inverted:
	case selfNormal:
		return fmt.Sprintf("%v, self-normalising, key %08x", b.rate, b.key)
	default:
		return fmt.Sprintf("%v, unscaled, key %08x", b.rate, b.key)
	}
	return fmt.Sprintf("%v, key %08x", b.rate, b.key)
}

// at returns the draws of a step, a tensor of one element.
func (b bernoulli) at(step *tensor.Dense) kernel.Mask { return b.atStep(uint64(step.Ints()[0])) }

func (b bernoulli) atStep(n uint64) kernel.Mask {
	m := kernel.NewMask(b.key, n, b.rate.at(b.key, n))
	switch {
	case b.scale == inverted || m.Scale == 0:
	case b.scale == selfNormal:
		m.Scale, _, _ = affine(m)
	default:
		m.Scale = 1
	}
	return m
}

// dropout draws one number an element, and draws it again in the backward pass:
// that is cheaper than keeping a mask as large as x. Its inputs are x and the
// step.
type dropout struct{ bernoulli }

func (op dropout) String() string { return fmt.Sprintf("Dropout{%v}", op.bernoulli) }

// ShiftsVariance implements [graph.Noisy].
func (dropout) ShiftsVariance() bool { return true }

func (op dropout) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op dropout) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.at(in[1]), y, in, dropoutForward[float32], dropoutForward[float64])
}

func dropoutForward[T kernel.Float](m kernel.Mask, y []T, in [][]T) { kernel.MaskApply(m, y, in[0]) }

// Backward applies the op itself: a diagonal map is its own adjoint.
func (op dropout) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("DropoutGrad").Apply(op, dy, in[1]), nil}
}
