package nodes

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
)

// ELU is, for x of any shape,
//
//	y = x where x > 0, else α · (exp(x) - 1)
//
// with α 1, or another by [Alpha]. The derivative at 0 is α.
//
// Source: Clevert, Unterthiner, Hochreiter, Fast and Accurate Deep Network
// Learning by Exponential Linear Units (ELUs), ICLR 2016,
// https://arxiv.org/abs/1511.07289.
func ELU(x *graph.Node, opts ...ELUOption) *graph.Node {
	o := elu{alpha: 1}
	for _, opt := range guard.Given(opts) {
		opt.elu(&o)
	}
	s := x.Layer("ELU")
	if math.IsNaN(o.alpha) || math.IsInf(o.alpha, 0) {
		return s.Errorf("alpha is %v, want a finite value", o.alpha)
	}
	return s.Describe("alpha=%v", o.alpha).Apply(pointwise{fmt.Sprintf("ELU{alpha %v}", o.alpha), kernel.ELU(1, o.alpha), o}, x)
}

// An ELUOption adjusts one [ELU].
type ELUOption interface{ elu(*elu) }

type elu struct{ alpha float64 }

// Alpha sets the α of [ELU], minus the value it tends to far below 0; 1 by
// default.
func Alpha(a float64) ELUOption { return alpha(a) }

type alpha float64

func (a alpha) elu(o *elu) { o.alpha = float64(a) }
