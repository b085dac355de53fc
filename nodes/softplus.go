package nodes

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Softplus, a smooth [ReLU], is for x of any shape
//
//	y = log(1 + exp(β·x)) / β,   and y = x where β·x > threshold
//
// with β 1 and threshold 20, or others by [Beta] and [Threshold].
//
// Source: Dugas et al., Incorporating Second-Order Functional Knowledge for
// Better Option Pricing, NIPS 2000.
func Softplus(x *graph.Node, opts ...SoftplusOption) *graph.Node {
	o := softplus{beta: 1, threshold: 20}
	for _, opt := range guard.Given(opts) {
		opt.softplus(&o)
	}
	s := x.Layer("Softplus")
	if !(o.beta > 0) || math.IsInf(o.beta, 0) {
		return s.Errorf("beta is %v, want a finite value > 0", o.beta)
	}
	if math.IsNaN(o.threshold) {
		return s.Errorf("threshold is NaN, want a number")
	}
	return s.Apply(o.op(), x)
}

// A SoftplusOption adjusts one [Softplus].
type SoftplusOption interface{ softplus(*softplus) }

type softplus struct{ beta, threshold float64 }

// Beta sets the β of [Softplus]: the larger, the closer it is to ReLU. The
// default is 1.
func Beta(b float64) SoftplusOption { return beta(b) }

type beta float64

func (b beta) softplus(o *softplus) { o.beta = float64(b) }

// Threshold sets the β·x above which [Softplus] is x; 20 by default.
func Threshold(t float64) SoftplusOption { return threshold(t) }

type threshold float64

func (t threshold) softplus(o *softplus) { o.threshold = float64(t) }

func (o softplus) op() pointwise {
	return pointwise{fmt.Sprintf("Softplus{beta %v, threshold %v}", o.beta, o.threshold), kernel.Softplus(o.beta, o.threshold), o}
}
