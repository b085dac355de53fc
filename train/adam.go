package train

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Adam scales the step of each element by running means of its gradient g and
// of g², by torch.optim.Adam's rule. At a parameter's update number t:
//
//	m ← β1·m + (1-β1)·g
//	v ← β2·v + (1-β2)·g²
//	p ← p - lr · m/(1-β1ᵗ) / (√(v/(1-β2ᵗ)) + eps)
//
// Options: [Betas], [Eps], [AMSGrad], [WeightDecay], [ClipNorm], [ClipValue].
// 0 ≤ lr < ∞; PyTorch's default is 1e-3.
//
// Source: Kingma, Ba, Adam: A Method for Stochastic Optimization,
// https://arxiv.org/abs/1412.6980.
func Adam(lr float64, opts ...OptimizerOption) *Optimizer {
	return newAdam("Adam", lr, settings{}, opts)
}

// AdamW is [Adam] with [WeightDecay] decoupled from the gradient, by
// torch.optim.AdamW's rule: before the update above,
//
//	p ← p - lr·wd·p
//
// with wd 1e-2 by default. The options are those of Adam.
//
// Source: Loshchilov, Hutter, Decoupled Weight Decay Regularization,
// https://arxiv.org/abs/1711.05101.
func AdamW(lr float64, opts ...OptimizerOption) *Optimizer {
	return newAdam("AdamW", lr, settings{weightDecay: 1e-2, decoupled: true}, opts)
}

// Betas sets the factors by which the two means of [Adam] and [AdamW] forget a
// step. The defaults are 0.9 and 0.999. 0 ≤ beta1, beta2 < 1.
func Betas(beta1, beta2 float64) OptimizerOption {
	err := checkRange("beta1", beta1, 0, 1)
	if err == nil {
		err = checkRange("beta2", beta2, 0, 1)
	}
	return OptimizerOption{"Betas", func(o *Optimizer) { o.settings.beta1, o.settings.beta2 = beta1, beta2 }, err}
}

// AMSGrad makes [Adam] and [AdamW] divide by the root of the largest v so far
// in place of v, so that a step's scale never grows again.
//
// Source: Reddi, Kale, Kumar, On the Convergence of Adam and Beyond,
// https://arxiv.org/abs/1904.09237.
func AMSGrad() OptimizerOption {
	return OptimizerOption{"AMSGrad", func(o *Optimizer) { o.settings.amsgrad = true }, nil}
}

func newAdam(name string, lr float64, s settings, opts []OptimizerOption) *Optimizer {
	s.beta1, s.beta2, s.eps = 0.9, 0.999, 1e-8
	o := newOptimizer(name, lr, s, opts, "Betas", "Eps", "AMSGrad", "WeightDecay")
	moments := []moment{{name: "exp_avg"}, {name: "exp_avg_sq"}}
	if o.settings.amsgrad {
		moments = append(moments, moment{name: "max_exp_avg_sq"})
	}
	o.rule = rule{moments, adamNumbers, adam[float32], adam[float64], "update_adam"}
	if o.settings.amsgrad {
		o.rule.kernel = "update_amsgrad"
	}
	return o
}

// adamNumbers computes in PyTorch's order.
func adamNumbers(o *settings, lr float64, steps int) numbers {
	t, shrink := float64(steps), 1.0
	if o.decoupled {
		shrink = 1 - lr*o.weightDecay
	}
	rate := lr / (1 - math.Pow(o.beta1, t))
	bias2 := math.Sqrt(1 - math.Pow(o.beta2, t))
	return numbers{shrink, o.beta1, 1 - o.beta1, o.beta2, 1 - o.beta2, rate, bias2, o.eps}
}

func adam[T kernel.Float](s *slotOf[T], lo, hi int) {
	in, k := s.incoming(), &s.k
	p, g, m, v := s.param[lo:hi], s.grad[lo:hi], s.moments[0][lo:hi], s.moments[1][lo:hi]
	if s.settings.amsgrad {
		vec.Amsgrad(p, m, v, s.moments[2][lo:hi], g, in.scale, in.limit, in.decay, k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7])
	} else {
		vec.Adam(p, m, v, g, in.scale, in.limit, in.decay, k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7])
	}
}
