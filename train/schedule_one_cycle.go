package train

import (
	"math"

	"github.com/thinnet/thinnet/internal/guard"
)

// OneCycle raises the rate from base/25 to base over the first 30 % of the
// total, and lowers it to base/25/10⁴ over the rest, both along half a cosine.
// The base rate given to the optimiser is the peak. At step t of a total of n,
// with u = pctStart·n - 1 and c(x) = (1 + cos(π·x))/2:
//
//	lr = base + (start - base) · c(t/u)                for t ≤ u,  start = base/divFactor
//	lr = end + (base - end) · c((t-u) / (n-1-u))       for t > u,  end = start/finalDivFactor
//
// After the total it stays at the end. In PyTorch: OneCycleLR with
// cycle_momentum=False.
//
// Source: Smith, Topin, Super-Convergence: Very Fast Training of Neural Networks
// Using Large Learning Rates, https://arxiv.org/abs/1708.07120.
func OneCycle(total Span, opts ...OneCycleOption) Schedule {
	c := oneCycle{pctStart: 0.3, divFactor: 25, finalDivFactor: 1e4}
	guard.Apply(&c, opts)
	return timed("OneCycle", total, c.check(), c.at)
}

// A OneCycleOption adjusts [OneCycle].
type OneCycleOption func(*oneCycle)

// PctStart sets which part of the total raises the rate. The default is 0.3.
// 0 ≤ p < 1.
func PctStart(p float64) OneCycleOption { return func(c *oneCycle) { c.pctStart = p } }

// DivFactor sets what the base rate is divided by at the start. The default is
// 25. 1 ≤ d < ∞.
func DivFactor(d float64) OneCycleOption { return func(c *oneCycle) { c.divFactor = d } }

// FinalDivFactor sets what the rate of the start is divided by at the end. The
// default is 1e4. 1 ≤ d < ∞.
func FinalDivFactor(d float64) OneCycleOption { return func(c *oneCycle) { c.finalDivFactor = d } }

type oneCycle struct{ pctStart, divFactor, finalDivFactor float64 }

func (c oneCycle) check() error {
	err := checkRange("pctStart", c.pctStart, 0, 1)
	if err == nil {
		err = checkRange("divFactor", c.divFactor, 1, math.Inf(1))
	}
	if err == nil {
		err = checkRange("finalDivFactor", c.finalDivFactor, 1, math.Inf(1))
	}
	return err
}

func (c oneCycle) at(base, t, n float64) float64 {
	start := base / c.divFactor
	up, last := c.pctStart*n-1, n-1
	if up > 0 && t <= up { // a rise that ends at step 0 is none
		return between(start, base, t/up)
	}
	return between(base, start/c.finalDivFactor, (min(t, last)-up)/(last-up))
}
