package train

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel"
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
	moments := []moment{{name: "square_avg"}}
	if o.settings.momentum > 0 {
		moments = append(moments, moment{name: "momentum_buffer"})
	}
	if o.settings.centered {
		moments = append(moments, moment{name: "grad_avg"})
	}
	o.rule = rule{moments, rmsprop[float32], rmsprop[float64]}
	return o
}

// Alpha sets the factor by which the means of [RMSProp] forget a step. The
// default is 0.99. 0 ≤ alpha < 1.
func Alpha(alpha float64) OptimizerOption {
	return OptimizerOption{"Alpha", func(s *settings) { s.alpha = alpha }, checkRange("alpha", alpha, 0, 1)}
}

// Centered makes [RMSProp] divide by an estimate of the gradient's standard
// deviation in place of its root mean square.
func Centered() OptimizerOption {
	return OptimizerOption{"Centered", func(s *settings) { s.centered = true }, nil}
}

func rmsprop[T kernel.Float](s *slotOf[T], lo, hi int) {
	o, in, lr := s.settings, s.incoming(), T(s.lr)
	keep, add := T(o.alpha), T(1-o.alpha)
	momentum, eps := T(o.momentum), T(o.eps)

	p, g, v := s.param[lo:hi], s.grad[lo:hi], s.moments[0][lo:hi]
	var b, a []T
	if o.momentum > 0 {
		b = s.moments[1][lo:hi]
	}
	if o.centered {
		a = s.moments[len(s.moments)-1][lo:hi]
	}
	for i := range p {
		d := in.at(g[i], p[i])
		v[i] = keep*v[i] + add*d*d
		scale := v[i]
		if a != nil {
			a[i] = keep*a[i] + add*d
			scale -= a[i] * a[i]
		}
		root := T(math.Sqrt(float64(scale))) + eps
		if b != nil {
			b[i] = momentum*b[i] + d/root
			p[i] -= lr * b[i]
		} else {
			p[i] -= lr * d / root
		}
	}
}
