package regularize

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/philox"
)

// A Schedule changes the rate of a node as training goes on: an option of every
// node that draws, which takes one at most. Without one the rate is p at every step.
//
//	regularize.DropBlock2D(s.In("drop"), x, 0.1, 7, regularize.LinearRate(0, 20000))
//
// It is a function of p and of the number of the training step, so training that
// resumes at a step finds the rate it would have had. Predictions have the rate that
// training ends with: those with dropout drawing, in [graph.MonteCarlo] mode, those of a
// node that draws in each mode by [graph.Scope.InMode], and those of one that makes something of its rate in evaluation, such as one with [Classic].
type Schedule struct {
	name  string // with all that makes a difference: equal names are one schedule
	of    func(p float64, at moment) float64
	from  float64 // the rates lie between from and p
	own   bool    // or anywhere
	draws bool    // whether the rate is drawn itself
	err   error
}

// A moment is a step of the stream of a node.
type moment struct {
	key   philox.Key
	step  uint64
	ended bool // whether training is over; the step is then that of a prediction
}

// trained returns for how many steps the model has trained: for all there are when
// training is over.
func (m moment) trained() uint64 {
	if m.ended {
		return math.MaxInt64
	}
	return m.step
}

// uniform returns a number of the moment in [0, 1): the first two words of the last
// block of the step, which no element reads.
func (m moment) uniform() float64 {
	w := philox.Block(philox.At(m.step, math.MaxUint64), m.key)
	return float64((uint64(w[0])|uint64(w[1])<<32)>>11) * 0x1p-53
}

func (sc Schedule) option(r *rate)                         { r.take(sc) }
func (sc Schedule) dropout(c *dropoutConfig)               { c.rate.take(sc) }
func (sc Schedule) dropConnect(c *weightConfig)            { c.rate.take(sc) }
func (sc Schedule) dropConnectLinear(c *dropConnectConfig) { c.rate.take(sc) }
func (sc Schedule) dropConnectConv(c *dropConnectConfig)   { c.rate.take(sc) }

// LinearRate goes from the rate from, at step 0, to p along a straight line, and
// stays there from step n on:
//
//	rate = from + (p - from) · min(1, step/n)
//
// n counts training steps, that is batches and not epochs, and is at least 1. With
// from = 0 it is how DropBlock is trained: see Ghiasi, Lin, Le, DropBlock: A
// regularization method for convolutional networks, NeurIPS 2018,
// https://arxiv.org/abs/1810.12890.
func LinearRate(from float64, n int) Schedule {
	sc := Schedule{name: fmt.Sprintf("linear from %v in %d steps", from, n), from: from}
	switch {
	case !(from >= 0 && from <= 1):
		sc.err = errors.Errorf("LinearRate starts at %v, want a rate from 0 to 1", from)
	case n < 1:
		sc.err = errors.Errorf("LinearRate takes %d steps, want at least 1", n)
	}
	sc.of = func(p float64, at moment) float64 {
		return from + (p-from)*math.Min(1, float64(at.trained())/float64(n))
	}
	return sc
}

// CurriculumRate starts at 0 and approaches p, fast at first:
//
//	rate = p · (1 - exp(-10 · step/n))
//
// where n, at least 1, is the number of steps of the whole training, batches and not
// epochs. At step n it is p to within 0.005 %.
//
// Source: Morerio, Cavazza, Volpi, Vidal, Murino, Curriculum Dropout, ICCV 2017,
// https://arxiv.org/abs/1703.06229, whose γ is 10/n; there θ is the probability to
// keep.
func CurriculumRate(n int) Schedule {
	sc := Schedule{name: fmt.Sprintf("curriculum of %d steps", n)}
	if n < 1 {
		sc.err = errors.Errorf("CurriculumRate is of %d steps, want at least 1", n)
	}
	sc.of = func(p float64, at moment) float64 {
		return p * -math.Expm1(-10*float64(at.trained())/float64(n))
	}
	return sc
}

// RandomRate draws the rate anew at each step, evenly between from and p, one for
// the whole batch. With from = 0 and p = 1 it is stochastic dropout:
//
//	regularize.Dropout(s.In("drop"), x, 1, regularize.RandomRate(0))
//
// Source: Park, Kwak, Analysis on the Dropout Effect in Convolutional Neural
// Networks, ACCV 2016, https://doi.org/10.1007/978-3-319-54184-6_12.
func RandomRate(from float64) Schedule {
	sc := Schedule{name: fmt.Sprintf("random from %v", from), from: from, draws: true}
	if !(from >= 0 && from <= 1) {
		sc.err = errors.Errorf("RandomRate starts at %v, want a rate from 0 to 1", from)
	}
	sc.of = func(p float64, at moment) float64 { return from + (p-from)*at.uniform() }
	return sc
}

// RateFunc is a schedule of your own: f returns the rate at a step, given p, and for
// step [math.MaxInt64] the one that training ends with, which predictions have. It
// must be a pure function; what is not a probability is taken for the nearest one,
// and NaN for 1. Nodes that share a path and a name in two programs of a model must
// have the same f.
func RateFunc(name string, f func(p float64, step uint64) float64) Schedule {
	sc := Schedule{name: name, own: true, of: func(p float64, at moment) float64 { return f(p, at.trained()) }}
	switch {
	case name == "":
		sc.err = errors.New("the name of a RateFunc is empty, want one that says what it does")
	case f == nil:
		sc.err = errors.Errorf("RateFunc %q is nil", name)
	}
	return sc
}
