package train

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A slot is an optimiser's memory of one parameter.
type slot interface {
	// load points at the parameter's value and gradient, after checking them.
	load(gorgonia.ValueGrad) error
	squaredNorm() float64
	step(lr, scale float64)
	clearGrad()
	// save and restore are of the state, in the order of [Optimizer.State].
	save() []*tensor.Dense
	restore([]NamedTensor) error
}

// slotOf is a slot of one element type: here alone it is switched on.
type slotOf[T kernel.Float] struct {
	settings *settings
	factor   float64 // of the learning rate
	numbers  func(o *settings, lr float64, steps int) numbers
	update   func(s *slotOf[T], lo, hi int)
	shape    tensor.Shape
	moments  [][]T
	steps    int // updates so far, during an update counting it

	param, grad []T // of this step; no gradient is nil
	scale       float64
	k           [len(numbers{})]T // the numbers of the rule
}

// newSlots makes a slot for each parameter, with restored state if there is.
func (o *Optimizer) newSlots(params []gorgonia.ValueGrad) ([]slot, error) {
	slots, called := make([]slot, len(params)), make([]string, len(params))
	for i, p := range params {
		called[i] = nameOf(p)
	}
	own, err := o.ofGroups(called)
	if err != nil {
		return nil, err
	}
	if err := o.suits(len(params)); err != nil {
		return nil, err
	}
	seen := map[uintptr]int{} // by address
	for i, p := range params {
		v := p.Value()
		if isNil(v) {
			return nil, errors.Errorf("%s: has no value", label(i, called[i]))
		}
		switch v.Dtype() {
		case tensor.Float32:
			slots[i] = newSlot(o, own[i], o.rule.f32, v.Shape())
		case tensor.Float64:
			slots[i] = newSlot(o, own[i], o.rule.f64, v.Shape())
		default:
			return nil, errors.Errorf("%s: has type %v, want float32 or float64", label(i, called[i]), v.Dtype())
		}
		if first, twice := seen[v.Uintptr()]; twice {
			return nil, errors.Errorf("%s: shares its memory with parameter %d, want each parameter once", label(i, called[i]), first)
		}
		seen[v.Uintptr()] = i
		if len(o.restored) == 0 {
			continue
		}
		if err := slots[i].restore(o.restoredOf(i)); err != nil {
			return nil, errors.WithMessagef(err, "%s: restored state", label(i, called[i]))
		}
	}
	return slots, nil
}

func newSlot[T kernel.Float](o *Optimizer, own grouped, update func(*slotOf[T], int, int), shape tensor.Shape) *slotOf[T] {
	n := shape.TotalSize()
	s := &slotOf[T]{
		settings: own.settings,
		factor:   own.factor,
		numbers:  o.rule.numbers,
		update:   update,
		shape:    shape.Clone(),
		moments:  make([][]T, len(o.rule.moments)),
	}
	for i, m := range o.rule.moments {
		s.moments[i] = slices.Repeat([]T{T(m.start)}, n)
	}
	return s
}

// grain is how many elements a goroutine takes at a time: some 20 µs of work.
const grain = 8192

func (s *slotOf[T]) load(p gorgonia.ValueGrad) (err error) {
	if s.param, err = elements[T](p.Value(), s.shape); err != nil {
		return errors.WithMessage(err, "value")
	}
	g, err := p.Grad()
	if err != nil {
		return errors.Wrap(err, "gradient")
	}
	if isNil(g) {
		s.grad = nil
		return nil
	}
	s.grad, err = elements[T](g, s.shape)
	return errors.WithMessage(err, "gradient")
}

func (s *slotOf[T]) squaredNorm() float64 { return kernel.SumSquares(s.grad) }

func (s *slotOf[T]) step(lr, scale float64) {
	if s.grad == nil {
		return
	}
	s.steps++
	s.scale = scale
	for i, k := range s.numbers(s.settings, lr*s.factor, s.steps) {
		s.k[i] = T(k)
	}
	pool.Run(len(s.param), grain, updateJob[T]{s})
}

func (s *slotOf[T]) clearGrad() { clear(s.grad) }

type updateJob[T kernel.Float] struct{ slot *slotOf[T] }

func (j *updateJob[T]) Do(lo, hi int) { j.slot.update(j.slot, lo, hi) }
