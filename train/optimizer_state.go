package train

import (
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// A NamedTensor is one entry of an optimiser's state.
type NamedTensor struct {
	Name  string
	Value *tensor.Dense
}

// State returns a copy of all that the updates so far have left behind: for
// each parameter in order, its number of updates, then its moments, under
// PyTorch's names after the position:
//
//	0.step, 0.exp_avg, 0.exp_avg_sq, 1.step, ...
//
// A step is an int64 scalar; a moment has its parameter's shape and type. Before
// the first [Optimizer.Step] the state is that restored, or empty.
//
// Hyperparameters are no part of it, nor is the learning rate: they come from
// the program, and a [Schedule] computes the rate of any step.
//
// Where it can't be had from the memory of a CUDA device the state is empty, and
// [Optimizer.Err] says why.
func (o *Optimizer) State() []NamedTensor {
	state, err := o.state()
	if err != nil {
		o.fail(errors.WithMessage(err, "state"))
	}
	return state
}

// state fails only where it can't be had from a CUDA device.
func (o *Optimizer) state() ([]NamedTensor, error) {
	switch {
	case o.device != nil:
		return o.device.state(o)
	case o.slots == nil:
		return copyState(o.restored), nil
	}
	var state []NamedTensor
	for i, s := range o.slots {
		for j, v := range s.save() {
			state = append(state, NamedTensor{o.entry(i, j), v})
		}
	}
	return state, nil
}

// Restore makes the next [Optimizer.Step] go on from a state that
// [Optimizer.State] returned, in this process or another, of an optimiser of
// the same kind and options: it does what the next Step there would have done,
// bit for bit. An empty state is that of a new optimiser.
//
// A state of other names is an error and changes nothing. Whether it suits the
// parameters shows at the next Step.
func (o *Optimizer) Restore(state []NamedTensor) error {
	each := 1 + len(o.rule.moments)
	for i, t := range state {
		if want := o.entry(i/each, i%each); t.Name != want {
			return errors.Errorf("train.%s: state %d is %q, want %q", o.name, i, t.Name, want)
		}
		if t.Value == nil {
			return errors.Errorf("train.%s: state %s has no value", o.name, t.Name)
		}
	}
	if len(state)%each != 0 {
		return errors.Errorf("train.%s: state ends at %s, want %d tensors for each parameter", o.name, state[len(state)-1].Name, each)
	}
	o.goOnFrom(copyState(state))
	return nil
}

// goOnFrom makes the next Step begin with a state, wherever it is to be.
func (o *Optimizer) goOnFrom(state []NamedTensor) {
	o.device.free()
	o.slots, o.device, o.restored = nil, nil, state
}

// suits returns an error if the restored state is of another number of parameters.
func (o *Optimizer) suits(params int) error {
	if each := 1 + len(o.rule.moments); len(o.restored) > 0 && len(o.restored) != each*params {
		return errors.Errorf("got %d parameters, want the %d of the restored state", params, len(o.restored)/each)
	}
	return nil
}

// restoredOf returns the restored state of parameter i.
func (o *Optimizer) restoredOf(i int) []NamedTensor {
	each := 1 + len(o.rule.moments)
	return o.restored[i*each : (i+1)*each]
}

// entry names tensor j of the state of parameter i.
func (o *Optimizer) entry(i, j int) string {
	name := "step"
	if j > 0 {
		name = o.rule.moments[j-1].name
	}
	return strconv.Itoa(i) + "." + name
}

func copyState(state []NamedTensor) []NamedTensor {
	state = slices.Clone(state)
	for i, t := range state {
		state[i].Value = t.Value.Clone().(*tensor.Dense)
	}
	return state
}

func (s *slotOf[T]) save() []*tensor.Dense {
	state := []*tensor.Dense{tensor.New(tensor.FromScalar(int64(s.steps)))}
	for _, m := range s.moments {
		state = append(state, denseOf(slices.Clone(m), s.shape))
	}
	return state
}

func (s *slotOf[T]) restore(state []NamedTensor) error {
	var err error
	if s.steps, err = stepsOf(state[0].Value); err != nil {
		return err
	}
	for i, t := range state[1:] {
		m, err := elements[T](t.Value, s.shape)
		if err != nil {
			return errors.WithMessage(err, t.Name)
		}
		copy(s.moments[i], m)
	}
	return nil
}

// stepsOf reads the number of updates of a parameter.
func stepsOf(step *tensor.Dense) (int, error) {
	if step.Dtype() != tensor.Int64 || !step.IsScalar() {
		return 0, errors.Errorf("step is %v of shape %v, want an int64 scalar", step.Dtype(), step.Shape())
	}
	if n := step.Int64s()[0]; n < 0 {
		return 0, errors.Errorf("step is %d, want at least 0", n)
	}
	return int(step.Int64s()[0]), nil
}

func denseOf[T kernel.Float](data []T, shape tensor.Shape) *tensor.Dense {
	if shape.IsScalar() {
		return tensor.New(tensor.FromScalar(data[0]))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}
