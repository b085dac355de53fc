package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// FocusedDropout keeps the region of a sample that responds most, and drops the rest.
// The channel with the largest mean says which region that is, for all channels:
//
//	y[n,c,...] = x[n,c,...] where x[n,r,...] > μ · max x[n,r,...], else 0
//
// with r that channel of sample n, the first of equals, and dx is the same of dy. μ
// is drawn evenly from an interval, once a step. Nothing is scaled. It takes part in
// a tenth of the batches, drawn at random, and leaves the others alone.
//
// It is the opposite of dropping what responds most, as [MaxDrop] does. The paper
// raises the weight decay in the batches that it takes part in.
//
// Of a sample whose channel r has nothing positive, all is kept; x belongs after a
// ReLU. A batch norm behind it sees two kinds of batches.
//
// Shapes: x is (N, C, ...) with at least one spatial axis; y is as x.
//
// Modes and the random stream are as for [Dropout]; all samples of a batch share the
// draws. Options: [Participation], by default 0.1 as in the paper, a [Schedule] of it,
// and [FocusBetween], for which (0.3, 0.6) is our default.
//
// Source: Xie, Liu, Deng, Cheng, Wang, Liu, FocusedDropout for Convolutional Neural
// Network, https://arxiv.org/abs/2103.15425.
func FocusedDropout(s *graph.Scope, x *graph.Node, opts ...FocusedDropoutOption) *graph.Node {
	s = s.Layer("FocusedDropout", x)
	c := focusConfig{rate: rate{p: 0.1}, lo: 0.3, hi: 0.6}
	for _, opt := range guard.Given(opts) {
		opt.focusedDropout(&c)
	}
	switch {
	case s.Err() != nil:
	case !(c.rate.p >= 0 && c.rate.p <= 1):
		return s.Errorf("Participation is %v, want a rate from 0 to 1", c.rate.p)
	case c.rate.schedule.err != nil:
		return s.Fail(c.rate.schedule.err)
	case !(0 <= c.lo && c.lo <= c.hi && c.hi <= 1):
		return s.Errorf("FocusBetween is %v and %v, want 0 ≤ lo ≤ hi ≤ 1", c.lo, c.hi)
	case x.Dims() < 3:
		return s.Errorf("x has shape %v, want (N, C, ...) with at least one spatial axis", x.Shape())
	}
	key, draws := claim(s, x, c.rate.most() == 0)
	if !draws {
		return x
	}
	c.rate.enter(s)
	s.DrawsOver(nil)
	s = s.Describe("participation %s, focus=%v to %v", c.rate.text(), c.lo, c.hi)
	return s.Apply(masked{}, x, s.Apply(focus{key: key, focusConfig: c}, x, s.Step()))
}

// A FocusedDropoutOption adjusts one [FocusedDropout].
type FocusedDropoutOption interface{ focusedDropout(*focusConfig) }

type focusConfig struct {
	rate   rate
	lo, hi float64
}

func (sc Schedule) focusedDropout(c *focusConfig) { c.rate.take(sc) }

// Participation is the part of the batches that a [FocusedDropout] takes part in.
func Participation(rate float64) FocusedDropoutOption { return participation(rate) }

type participation float64

func (r participation) focusedDropout(c *focusConfig) { c.rate.p = float64(r) }

// FocusBetween is the interval of the threshold of a [FocusedDropout], in parts of
// the largest element: 0 ≤ lo ≤ hi ≤ 1.
func FocusBetween(lo, hi float64) FocusedDropoutOption { return focusBetween{lo, hi} }

type focusBetween [2]float64

func (b focusBetween) focusedDropout(c *focusConfig) { c.lo, c.hi = b[0], b[1] }

// focus is the factors of a [FocusedDropout]. Its inputs are x and the step, whose
// first block says by its first word whether the batch takes part, and by the second
// one where the threshold is.
type focus struct {
	key philox.Key
	focusConfig
	last bool // whether x is in channels-last memory
}

func (op focus) String() string {
	return fmt.Sprintf("Focus{%v, from %v to %v, key %08x, last %v}", op.rate, op.lo, op.hi, op.key, op.last)
}

func (op focus) InferShape(in ...graph.Shape) (graph.Shape, error) {
	k := in[0].Clone()
	k[1] = 1
	return k, nil
}

func (op focus) Forward(k *tensor.Dense, in ...*tensor.Dense) error {
	x := in[0].Shape()
	f := focusOfStep{n: x[0], c: x[1], s: x[2:].TotalSize(), last: op.last}
	f.takesPart, f.mu = op.atStep(uint64(in[1].Ints()[0]))
	return graph.Run(f, k, in, focusForward[float32], focusForward[float64])
}

// atStep says whether a batch takes part, and returns the threshold.
func (op focus) atStep(step uint64) (takesPart bool, mu float64) {
	draw := philox.Block(philox.At(step, 0), op.key)
	return float64(draw[0])*0x1p-32 < op.rate.at(op.key, step), op.lo + (op.hi-op.lo)*float64(draw[1])*0x1p-32
}

type focusOfStep struct {
	n, c, s         int
	mu              float64
	takesPart, last bool
}

func focusForward[T kernel.Float](f focusOfStep, k []T, in [][]T) {
	if f.takesPart {
		kernel.Focus(k, in[0], f.mu, f.n, f.c, f.s, f.last)
		return
	}
	for i := range k {
		k[i] = 1
	}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op focus) ChannelsLast(...graph.Shape) graph.LastLayout {
	op.last = true
	return follow(op, false)
}
