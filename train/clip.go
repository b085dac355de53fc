package train

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel"
)

// ClipNorm scales all gradients g by one factor, so that their 2-norm together
// is at most max:
//
//	g ← g · min(1, max / (‖g‖ + 1e-6))
//
// as torch.nn.utils.clip_grad_norm_. It comes before weight decay. The gradient
// tensors themselves stay as they are: the update reads them scaled, so nothing
// is clipped twice, not even a gradient that two parameters share.
// [Optimizer.GradNorm] tells the norm. An infinite max measures and never
// clips.
//
// It applies to every optimiser, but not together with [ClipValue]. max > 0.
//
// Source: Pascanu, Mikolov, Bengio, On the difficulty of training recurrent
// neural networks, https://arxiv.org/abs/1211.5063.
func ClipNorm(max float64) OptimizerOption {
	return OptimizerOption{"ClipNorm", func(o *Optimizer) { o.settings.clipNorm = max }, checkPositive("max", max)}
}

// ClipValue brings every element of a gradient into [-limit, limit], as
// torch.nn.utils.clip_grad_value_, before weight decay. As with [ClipNorm], the
// gradient tensors stay as they are.
//
// It applies to every optimiser, but not together with [ClipNorm]. limit > 0.
func ClipValue(limit float64) OptimizerOption {
	return OptimizerOption{"ClipValue", func(o *Optimizer) { o.settings.clipValue = limit }, checkPositive("limit", limit)}
}

// clipScale returns what [ClipNorm] multiplies the gradients by.
func (o *Optimizer) clipScale() float64 {
	if o.settings.clipNorm == 0 {
		return 1
	}
	var sum float64
	for _, s := range o.slots {
		sum += s.squaredNorm()
	}
	o.norm = math.Sqrt(sum)
	scale := o.settings.clipNorm / (o.norm + 1e-6)
	if scale > 1 { // a NaN stays NaN, as in PyTorch
		return 1
	}
	return scale
}

// incoming is what the rules make of a gradient before they use it: it is scaled,
// held to ±limit, and joined by decay times the parameter.
type incoming[T kernel.Float] struct{ scale, limit, decay T }

func (s *slotOf[T]) incoming() incoming[T] {
	limit, decay := s.settings.limitAndDecay()
	return incoming[T]{T(s.scale), T(limit), T(decay)}
}

func (o *settings) limitAndDecay() (limit, decay float64) {
	limit = math.Inf(1)
	if o.clipValue > 0 {
		limit = o.clipValue
	}
	if !o.decoupled {
		decay = o.weightDecay
	}
	return limit, decay
}
