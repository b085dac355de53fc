package train

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// An Optimizer updates parameters by their gradients: [SGD], [Adam], [AdamW],
// [RMSProp] or [Adagrad], with the update rules and defaults of PyTorch's
// optimiser of that name. It is a [gorgonia.Solver], and so serves a plain
// Gorgonia program as well as [Fit].
//
// A mistake in the arguments of its constructor is kept, and returned by
// [Optimizer.Err] and by every [Optimizer.Step].
//
// An Optimizer is for one set of parameters and is not safe for concurrent use.
type Optimizer struct {
	name     string
	err      error
	settings settings
	groups   []*group
	rule     rule

	base, lr float64
	slots    []slot       // one a parameter; nil before the first Step
	device   *deviceSlots // in their place on a CUDA device
	restored []NamedTensor
	norm     float64
}

var _ gorgonia.Solver = (*Optimizer)(nil)

// A rule is what tells one optimiser from another: the moments it keeps of a
// parameter, and its arithmetic on elements lo to hi of one.
type rule struct {
	moments []moment
	numbers func(o *settings, lr float64, steps int) numbers
	f32     func(s *slotOf[float32], lo, hi int)
	f64     func(s *slotOf[float64], lo, hi int)
	kernel  string // that does the same on a CUDA device
}

// numbers are what a rule takes for all elements of a parameter, in an order of its own:
// computed in float64, and rounded to the type of the elements. Each rule uses some.
type numbers [8]float64

// A moment is a tensor kept for a parameter, under PyTorch's name for it.
type moment struct {
	name  string
	start float64
}

// newOptimizer applies options to the defaults; those named may be given, and
// [Group] and those of clipping always.
func newOptimizer(name string, lr float64, defaults settings, opts []OptimizerOption, allowed ...string) *Optimizer {
	o := &Optimizer{name: name, settings: defaults, base: lr, lr: lr}
	o.fail(checkRange("lr", lr, 0, math.Inf(1)))
	o.fail(o.apply(opts, append(allowed, "ClipNorm", "ClipValue", "Group")))
	return o
}

// fail keeps the first error.
func (o *Optimizer) fail(err error) {
	if o.err == nil && err != nil {
		o.err = errors.WithMessagef(err, "train.%s", o.name)
	}
}

// Err returns the first mistake in the arguments of the constructor, or what
// [Optimizer.State] failed of, or nil.
func (o *Optimizer) Err() error { return o.err }

// BaseLR returns the learning rate given to the constructor, from which a
// [Schedule] computes.
func (o *Optimizer) BaseLR() float64 { return o.base }

// LR returns the learning rate of the next Step.
func (o *Optimizer) LR() float64 { return o.lr }

// SetLR sets the learning rate of the steps to come; each [Group] has its factor of it.
// A rate that is negative,
// infinite or NaN is an error and changes nothing.
func (o *Optimizer) SetLR(lr float64) error {
	if err := checkRange("lr", lr, 0, math.Inf(1)); err != nil {
		return errors.WithMessagef(err, "train.%s", o.name)
	}
	o.lr = lr
	return nil
}

// GradNorm returns the 2-norm of all gradients together at the last Step, as
// they were before clipping. Only [ClipNorm] measures it; without, it is 0.
func (o *Optimizer) GradNorm() float64 {
	if o.device != nil {
		return o.device.norm()
	}
	return o.norm
}

// Step updates the values of the parameters in place by their gradients.
//
// A value is a *tensor.Dense of float32 or float64, row-major and contiguous,
// or a [gorgonia.F32] or [gorgonia.F64]; its gradient has the same shape and
// type. A parameter whose gradient is nil is left alone with all its moments,
// as PyTorch does where grad is None.
//
// Moments belong to positions: always pass the same parameters in the same
// order. Another number of parameters, or another shape or type at a position,
// is an error, and so is a parameter that occurs twice: pass a shared one once.
// A Step that fails has changed nothing.
//
// Gradients are read, not written, with one exception: a gradient which a
// [gorgonia.Node] accumulates (see [gorgonia.BindDualValues]) is set to 0 after
// the update, as Gorgonia's own solvers do.
//
// After the first Step, nothing is allocated. The result does not depend on the
// number of threads.
func (o *Optimizer) Step(params []gorgonia.ValueGrad) error {
	if o.err != nil {
		return o.err
	}
	if err := o.load(params); err != nil {
		return errors.WithMessagef(err, "train.%s", o.name)
	}
	scale := o.clipScale()
	for _, s := range o.slots {
		s.step(o.lr, scale)
	}
	// Only now, for two parameters may share a gradient.
	for i, s := range o.slots {
		if accumulates(params[i]) {
			s.clearGrad()
		}
	}
	return nil
}

// load points the slots at the parameters, and makes them at the first Step.
func (o *Optimizer) load(params []gorgonia.ValueGrad) error {
	if i := slices.Index(params, nil); i >= 0 {
		return errors.Errorf("parameter %d is nil", i)
	}
	if err := o.leaveDevice(); err != nil {
		return err
	}
	slots := o.slots
	if slots == nil {
		var err error
		if slots, err = o.newSlots(params); err != nil {
			return err
		}
	}
	if len(params) != len(slots) {
		return errors.Errorf("got %d parameters, want the %d of the first step", len(params), len(slots))
	}
	for i, s := range slots {
		if err := s.load(params[i]); err != nil {
			return errors.WithMessage(err, label(i, nameOf(params[i])))
		}
	}
	o.slots, o.restored = slots, nil
	return nil
}
