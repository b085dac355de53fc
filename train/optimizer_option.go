package train

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// An OptimizerOption sets one hyperparameter of an [Optimizer]. An option that
// does not apply to the optimiser it is given to, or whose value is out of
// range, is an error: see [Optimizer.Err].
type OptimizerOption struct {
	name string
	set  func(*Optimizer)
	err  error
}

// settings are the hyperparameters of all optimisers, in PyTorch's words. Each
// uses some.
type settings struct {
	weightDecay float64
	decoupled   bool // weight decay as in AdamW

	momentum, dampening float64
	nesterov            bool

	beta1, beta2, eps float64
	amsgrad           bool

	alpha    float64
	centered bool

	lrDecay, initialAccumulator float64

	clipNorm, clipValue float64 // 0 is off
}

// apply sets what the options say; those named may be given.
func (o *Optimizer) apply(opts []OptimizerOption, allowed []string) error {
	for i, opt := range opts {
		if opt.name == "" {
			return errors.Errorf("option %d is empty, want what a function such as ClipNorm returns", i)
		}
		if !slices.Contains(allowed, opt.name) {
			return errors.Errorf("%s does not apply", opt.name)
		}
		if opt.err != nil {
			return errors.WithMessage(opt.err, opt.name)
		}
		opt.set(o)
	}
	if o.settings.clipNorm > 0 && o.settings.clipValue > 0 {
		return errors.New("both ClipNorm and ClipValue are given, want one of them")
	}
	return nil
}

// WeightDecay adds the gradient of an L2 penalty, wd/2 · ‖w‖², to that of every
// parameter w:
//
//	g ← g + wd · w
//
// In [AdamW] alone it is decoupled from the gradient and shrinks the parameter
// before the update:
//
//	w ← w - lr · wd · w
//
// It applies to every optimiser, and to a [Group]. The default is 1e-2 for AdamW and 0
// for the others. 0 ≤ wd < ∞.
func WeightDecay(wd float64) OptimizerOption {
	return OptimizerOption{"WeightDecay", func(o *Optimizer) { o.settings.weightDecay = wd }, checkRange("wd", wd, 0, math.Inf(1))}
}

// Momentum moves by a running sum of past updates that forgets by the factor m
// a step; see [SGD] and [RMSProp], to which it applies. The default is 0.
// 0 ≤ m < 1.
func Momentum(m float64) OptimizerOption {
	return OptimizerOption{"Momentum", func(o *Optimizer) { o.settings.momentum = m }, checkRange("m", m, 0, 1)}
}

// Eps is added to a denominator that could be 0. It applies to [Adam], [AdamW]
// and [RMSProp], where it is 1e-8 by default, and to [Adagrad], 1e-10.
// 0 ≤ eps < ∞.
func Eps(eps float64) OptimizerOption {
	return OptimizerOption{"Eps", func(o *Optimizer) { o.settings.eps = eps }, checkRange("eps", eps, 0, math.Inf(1))}
}

// checkRange wants lo ≤ v < hi; written so that NaN fails too.
func checkRange(name string, v, lo, hi float64) error {
	if v >= lo && v < hi {
		return nil
	}
	if math.IsInf(hi, 1) {
		return errors.Errorf("%s is %v, want %v ≤ %s < ∞", name, v, lo, name)
	}
	return errors.Errorf("%s is %v, want %v ≤ %s < %v", name, v, lo, name, hi)
}

func checkPositive(name string, v float64) error {
	if v > 0 {
		return nil
	}
	return errors.Errorf("%s is %v, want %s > 0", name, v, name)
}
