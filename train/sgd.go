package train

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// SGD is stochastic gradient descent, by torch.optim.SGD's rule. For a
// parameter p of gradient g, with [Momentum] m and [Dampening] d:
//
//	b ← m·b + (1-d)·g,  at the first update b ← g
//	p ← p - lr·b
//
// Without momentum p ← p - lr·g; with [Nesterov], p ← p - lr·(g + m·b).
// Gorgonia's own Momentum has lr in the sum b instead; the two differ where lr
// changes.
//
// Other options: [WeightDecay], [ClipNorm], [ClipValue]. 0 ≤ lr < ∞.
//
// Source: Sutskever, Martens, Dahl, Hinton, On the importance of initialization
// and momentum in deep learning, ICML 2013.
func SGD(lr float64, opts ...OptimizerOption) *Optimizer {
	o := newOptimizer("SGD", lr, settings{}, opts, "Momentum", "Dampening", "Nesterov", "WeightDecay")
	s := o.settings
	switch {
	case s.nesterov && (s.momentum == 0 || s.dampening != 0):
		o.fail(errors.Errorf("momentum is %v and dampening %v, want momentum > 0 and no dampening with Nesterov", s.momentum, s.dampening))
	case s.dampening != 0 && s.momentum == 0:
		o.fail(errors.Errorf("dampening is %v without momentum, want momentum > 0 with Dampening", s.dampening))
	}
	switch {
	case s.momentum == 0:
		o.rule = rule{nil, sgdNumbers, descend[float32], descend[float64], "update_descend"}
	case s.nesterov:
		o.rule = rule{[]moment{{name: "momentum_buffer"}}, sgdNumbers, nesterov[float32], nesterov[float64], "update_nesterov"}
	default:
		o.rule = rule{[]moment{{name: "momentum_buffer"}}, sgdNumbers, roll[float32], roll[float64], "update_roll"}
	}
	return o
}

// Dampening keeps the part d of each gradient but the first out of the momentum
// of [SGD]. The default is 0. 0 ≤ d < 1.
func Dampening(d float64) OptimizerOption {
	return OptimizerOption{"Dampening", func(o *Optimizer) { o.settings.dampening = d }, checkRange("d", d, 0, 1)}
}

// Nesterov makes [SGD] look ahead along its momentum; see there. It needs
// [Momentum], and excludes [Dampening].
func Nesterov() OptimizerOption {
	return OptimizerOption{"Nesterov", func(o *Optimizer) { o.settings.nesterov = true }, nil}
}

func sgdNumbers(o *settings, lr float64, steps int) numbers {
	keep, add := o.momentum, 1-o.dampening
	if steps == 1 {
		keep, add = 0, 1
	}
	return numbers{lr, keep, add, o.momentum}
}

// descend is the update without momentum.
func descend[T kernel.Float](s *slotOf[T], lo, hi int) {
	in := s.incoming()
	vec.Descend(s.param[lo:hi], s.grad[lo:hi], in.scale, in.limit, in.decay, s.k[0])
}

// roll is the update with momentum.
func roll[T kernel.Float](s *slotOf[T], lo, hi int) {
	in, k := s.incoming(), &s.k
	vec.Roll(s.param[lo:hi], s.moments[0][lo:hi], s.grad[lo:hi], in.scale, in.limit, in.decay, k[1], k[2], k[0])
}

// nesterov is roll that looks ahead.
func nesterov[T kernel.Float](s *slotOf[T], lo, hi int) {
	in, k := s.incoming(), &s.k
	vec.Nesterov(s.param[lo:hi], s.moments[0][lo:hi], s.grad[lo:hi], in.scale, in.limit, in.decay, k[1], k[2], k[3], k[0])
}
