package regularize

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// GaussianDropout multiplies each element of x by a number of a normal distribution
// with the mean and the variance that the factors of [Dropout] have:
//
//	y = e · x,   e ~ N(1, p/(1-p))
//
// and dx = e · dy with the same e, which may be negative. x may have any shape; y is as
// x. It is not [GaussianNoise], which adds.
//
// Modes, p and the random stream are as for Dropout, but p = 1 is an error: the variance
// would be infinite. The option is a [Schedule]. It is Keras's GaussianDropout.
//
// A draw takes 16 bits, so e-1 has 65536 values: nearly the quantiles of the
// distribution, to 0.0004 standard deviations, and its variance exactly. The largest is
// 4.32 standard deviations from the mean, and one number in 65536 of a true normal
// distribution is further out than that. The bits are those of Philox4x32-7.
//
// Source: section 10 of the paper of Dropout; Wang, Manning, Fast dropout training,
// ICML 2013, https://proceedings.mlr.press/v28/wang13a.html.
func GaussianDropout(s *graph.Scope, x *graph.Node, p float64, opts ...Option) *graph.Node {
	s = s.Layer("GaussianDropout", x)
	r := newRate(s, p, opts)
	if s.Err() == nil && threshold(p) == 1<<16 {
		s.Errorf("p is %v, want less than 1 after rounding: the variance would be infinite", p)
	}
	key, draws := r.claim(s, x)
	if !draws {
		return x
	}
	return s.Describe("%s", r.text()).Apply(gaussianDropout{key, r}, x, s.Step())
}

// gaussianDropout has x and the step as inputs.
type gaussianDropout struct {
	key  philox.Key
	rate rate
}

func (op gaussianDropout) String() string {
	return fmt.Sprintf("GaussianDropout{%v, key %08x}", op.rate, op.key)
}

// ShiftsVariance implements [graph.Noisy].
func (gaussianDropout) ShiftsVariance() bool { return true }

func (gaussianDropout) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

// at returns the noise of a step.
func (op gaussianDropout) at(step *tensor.Dense) (kernel.Normal, error) {
	n := uint64(step.Ints()[0])
	m := op.atStep(n)
	if math.IsInf(m.Scale, 1) {
		return m, op.infinite(n)
	}
	return m, nil
}

func (op gaussianDropout) atStep(n uint64) kernel.Normal {
	t := threshold(op.rate.at(op.key, n))
	return kernel.Normal{Key: op.key, Step: n, Scale: math.Sqrt(float64(t) / float64(1<<16-t)), Mul: true}
}

func (gaussianDropout) infinite(step uint64) error {
	return errors.Errorf("the rate is 1 at step %d, want less: the variance is infinite", step)
}

func (op gaussianDropout) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	m, err := op.at(in[1])
	if err != nil {
		return err
	}
	return graph.Run(m, y, in, normalForward[float32], normalForward[float64])
}

func normalForward[T kernel.Float](m kernel.Normal, y []T, in [][]T) { kernel.NormalApply(m, y, in[0]) }

// Backward applies the op itself: a diagonal map is its own adjoint.
func (op gaussianDropout) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("GaussianDropoutGrad").Apply(op, dy, in[1]), nil}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op gaussianDropout) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	if len(in[0]) < 3 {
		return graph.LastLayout{}
	}
	return follow(gaussianDropoutLast{op}, true)
}

// gaussianDropoutLast draws the same numbers for the same elements.
type gaussianDropoutLast struct{ gaussianDropout }

func (op gaussianDropoutLast) String() string { return op.gaussianDropout.String() + " channels-last" }

func (op gaussianDropoutLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	m, err := op.at(in[1])
	if err != nil {
		return err
	}
	normalLast(m, y, in[0])
	return nil
}

func normalLast(m kernel.Normal, y, x *tensor.Dense) {
	of := y.Shape()
	kernel.NormalApplyLast(m, y.Float32s(), x.Float32s(), of[0], of[1], of[2:].TotalSize())
}
