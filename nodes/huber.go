package nodes

import (
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// Huber is squared near the target and linear far from it, for each element with
// d = |y - target|
//
//	loss = d²/2 where d ≤ δ, else δ · (d - δ/2)
//
// and by default their mean. δ is 1, or another by [Delta]. Shapes and gradients
// are as in [MSE].
//
// Options: [Reduction], [Delta].
//
// Source: Huber, Robust Estimation of a Location Parameter, 1964,
// https://doi.org/10.1214/aoms/1177703732.
func Huber(opts ...HuberOption) graph.Loss {
	o := &elementLoss{kind: huber, delta: 1}
	for _, opt := range guard.Given(opts) {
		opt.huber(o)
	}
	return func(y, target *graph.Node) *graph.Node {
		s := y.Layer("Huber", target)
		if !(o.delta > 0) || math.IsInf(o.delta, 0) {
			return s.Errorf("delta is %v, want a finite value > 0", o.delta)
		}
		return o.loss(s, y, target)
	}
}

// A HuberOption adjusts one [Huber].
type HuberOption interface{ huber(*elementLoss) }

// Delta sets the δ of [Huber], the error at which it turns linear; 1 by default.
func Delta(d float64) HuberOption { return delta(d) }

type delta float64

func (d delta) huber(o *elementLoss) { o.delta = float64(d) }
