package train

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Adagrad divides the gradient g of each element by the root of the sum of all
// its g² so far, by torch.optim.Adagrad's rule. At a parameter's update number
// t, with [LRDecay] d:
//
//	v ← v + g²
//	p ← p - lr/(1 + (t-1)·d) · g / (√v + eps)
//
// v starts at [InitialAccumulator].
//
// Options: also [Eps], 1e-10 by default, [WeightDecay], [ClipNorm],
// [ClipValue]. 0 ≤ lr < ∞; PyTorch's default is 1e-2.
//
// Source: Duchi, Hazan, Singer, Adaptive Subgradient Methods for Online
// Learning and Stochastic Optimization, JMLR 12, 2011.
func Adagrad(lr float64, opts ...OptimizerOption) *Optimizer {
	o := newOptimizer("Adagrad", lr, settings{eps: 1e-10}, opts,
		"LRDecay", "InitialAccumulator", "Eps", "WeightDecay")
	o.rule = rule{[]moment{{"sum", o.settings.initialAccumulator}}, adagradNumbers, adagrad[float32], adagrad[float64], "update_adagrad"}
	return o
}

// LRDecay lowers the rate of [Adagrad] as 1/(1 + (t-1)·d). The default is 0.
// 0 ≤ d < ∞.
func LRDecay(d float64) OptimizerOption {
	return OptimizerOption{"LRDecay", func(o *Optimizer) { o.settings.lrDecay = d }, checkRange("d", d, 0, math.Inf(1))}
}

// InitialAccumulator is where the sum of squares of [Adagrad] starts. The
// default is 0. 0 ≤ v < ∞.
func InitialAccumulator(v float64) OptimizerOption {
	return OptimizerOption{"InitialAccumulator", func(o *Optimizer) { o.settings.initialAccumulator = v }, checkRange("v", v, 0, math.Inf(1))}
}

func adagradNumbers(o *settings, lr float64, steps int) numbers {
	return numbers{lr / (1 + float64(steps-1)*o.lrDecay), o.eps}
}

func adagrad[T kernel.Float](s *slotOf[T], lo, hi int) {
	in := s.incoming()
	vec.Adagrad(s.param[lo:hi], s.moments[0][lo:hi], s.grad[lo:hi], in.scale, in.limit, in.decay, s.k[0], s.k[1])
}
