package train

import (
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// RMSProp divides the gradient g of each element by the root of a running mean
// of g², by torch.optim.RMSprop's rule. With [Alpha] α:
//
//	v ← α·v + (1-α)·g²
//	p ← p - lr · g / (√v + eps)
//
// With [Centered], √(v - a²) stands for √v, where a ← α·a + (1-α)·g. With
// [Momentum] m:
//
//	b ← m·b + g / (√v + eps)
//	p ← p - lr·b
//
// Options: also [Eps], [WeightDecay], [ClipNorm], [ClipValue]. 0 ≤ lr < ∞;
// PyTorch's default is 1e-2. Gorgonia's own RMSProp has eps within the root.
//
// Source: Tieleman, Hinton, Lecture 6.5 of Neural Networks for Machine
// Learning, 2012; centred: Graves, Generating Sequences With Recurrent Neural
// Networks, https://arxiv.org/abs/1308.0850.
func RMSProp(lr float64, opts ...OptimizerOption) *Optimizer {
	o := newOptimizer("RMSProp", lr, settings{alpha: 0.99, eps: 1e-8}, opts,
		"Alpha", "Centered", "Eps", "Momentum", "WeightDecay")
	moments, kernel := []moment{{name: "square_avg"}}, "update_rmsprop"
	switch s := o.settings; {
	case s.momentum > 0 && s.centered:
		moments, kernel = append(moments, moment{name: "momentum_buffer"}, moment{name: "grad_avg"}), "update_rmsprop_both"
	case s.momentum > 0:
		moments, kernel = append(moments, moment{name: "momentum_buffer"}), "update_rmsprop_momentum"
	case s.centered:
		moments, kernel = append(moments, moment{name: "grad_avg"}), "update_rmsprop_centered"
	}
	o.rule = rule{moments, rmspropNumbers, rmsprop[float32], rmsprop[float64], kernel}
	return o
}

// Alpha sets the factor by which the means of [RMSProp] forget a step. The
// default is 0.99. 0 ≤ alpha < 1.
func Alpha(alpha float64) OptimizerOption {
	return OptimizerOption{"Alpha", func(o *Optimizer) { o.settings.alpha = alpha }, checkRange("alpha", alpha, 0, 1)}
}

// Centered makes [RMSProp] divide by an estimate of the gradient's standard
// deviation in place of its root mean square.
func Centered() OptimizerOption {
	return OptimizerOption{"Centered", func(o *Optimizer) { o.settings.centered = true }, nil}
}

func rmspropNumbers(o *settings, lr float64, _ int) numbers {
	return numbers{o.alpha, 1 - o.alpha, o.eps, o.momentum, lr}
}

func rmsprop[T kernel.Float](s *slotOf[T], lo, hi int) {
	o, in, k := s.settings, s.incoming(), &s.k
	p, g, v := s.param[lo:hi], s.grad[lo:hi], s.moments[0][lo:hi]
	moment := func(k int) []T { return s.moments[k][lo:hi] }
	switch {
	case o.momentum > 0 && o.centered:
		vec.RmspropBoth(p, v, moment(1), moment(2), g, in.scale, in.limit, in.decay, k[0], k[1], k[2], k[3], k[4])
	case o.momentum > 0:
		vec.RmspropMomentum(p, v, moment(1), g, in.scale, in.limit, in.decay, k[0], k[1], k[2], k[3], k[4])
	case o.centered:
		vec.RmspropCentered(p, v, moment(1), g, in.scale, in.limit, in.decay, k[0], k[1], k[2], k[4])
	default:
		vec.Rmsprop(p, v, g, in.scale, in.limit, in.decay, k[0], k[1], k[2], k[4])
	}
}
