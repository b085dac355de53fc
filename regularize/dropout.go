package regularize

import (
	"fmt"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// Dropout zeroes each element of x with probability p and scales up the others,
// so that the mean of y is x:
//
//	y = k · x,   k = 0 with probability p, else 1/(1-p)
//
// and dx = k · dy with the same k. x may have any shape; y is as x. What is
// dropped is exactly 0, even where x is NaN or infinite.
//
// In [graph.Eval] mode y is x itself. In all other modes k is a function of the
// seed of the model, the path of s, the step, and the position of the element.
// So a path belongs to one random node: a second one in the same scope is an
// error, in every mode.
//
// p is a probability to drop, from 0 to 1. It is rounded to a 65536th, since a
// draw takes 16 bits, and the scale uses the rounded value. With p = 0 y is x;
// with p = 1 y and dx are 0.
//
// Option: [NoiseShape].
//
// Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout: A
// Simple Way to Prevent Neural Networks from Overfitting, JMLR 15, 2014,
// https://jmlr.org/papers/v15/srivastava14a.html. There p is the probability to
// keep, and the scaling is left to evaluation.
func Dropout(s *graph.Scope, x *graph.Node, p float64, opts ...DropoutOption) *graph.Node {
	s = s.Layer("Dropout")
	var c dropoutConfig
	for _, opt := range opts {
		opt.dropout(&c)
	}
	if c.noise == nil || s.Err() != nil {
		return drop(s, x, p, x.Shape())
	}
	noise, err := c.noise.over(x.Shape())
	if err != nil {
		return s.Fail(err)
	}
	return drop(s, x, p, noise)
}

// A DropoutOption adjusts one [Dropout].
type DropoutOption interface{ dropout(*dropoutConfig) }

type dropoutConfig struct{ noise noiseShape }

// drop masks x with draws of the given shape, each axis of which is as long as
// that of x or 1. It claims the stream of s.
func drop(s *graph.Scope, x *graph.Node, p float64, noise graph.Shape) *graph.Node {
	key := s.Stream()
	switch {
	case !(p >= 0 && p <= 1): // this way round, NaN fails too
		return s.Errorf("p is %v, want 0 ≤ p ≤ 1", p)
	case x.Dtype() != s.Dtype():
		return s.Errorf("x has element type %v, want %v", x.Dtype(), s.Dtype())
	case s.Err() != nil || !s.Mode().Draws() || kernel.NewMask(key, 0, p).Threshold == 0:
		return x
	case slices.Equal(noise, x.Shape()):
		return s.Apply(dropout{key, p}, x, s.Step())
	}
	return s.Apply(masked{}, x, s.Apply(mask{key, p, noise}, source(x), s.Step()))
}

// dropout draws one number an element, and draws it again in the backward pass:
// that is cheaper than keeping a mask as large as x. Its inputs are x and the
// step.
type dropout struct {
	key philox.Key
	p   float64
}

func (op dropout) String() string { return fmt.Sprintf("Dropout{p %v, key %08x}", op.p, op.key) }

func (op dropout) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op dropout) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	m := kernel.NewMask(op.key, uint64(in[1].Ints()[0]), op.p)
	return graph.Run(m, y, in, dropoutForward[float32], dropoutForward[float64])
}

func dropoutForward[T kernel.Float](m kernel.Mask, y []T, in [][]T) { kernel.MaskApply(m, y, in[0]) }

// Backward applies the op itself: a diagonal map is its own adjoint.
func (op dropout) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("DropoutGrad").Apply(op, dy, in[1]), nil}
}
