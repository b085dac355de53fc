package train

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda"
)

var _ graph.DeviceSolver = (*Optimizer)(nil)

// StepOn implements [graph.DeviceSolver]: it is [Optimizer.Step] for parameters in the
// memory of a CUDA device, where the moments then are too, with the same results.
func (o *Optimizer) StepOn(s *cuda.Stream, params []cuda.Parameter) error {
	if o.err != nil {
		return o.err
	}
	err := o.loadOn(s, params)
	if err == nil {
		err = o.device.step(s, o.lr, params)
	}
	if err != nil {
		return errors.WithMessagef(err, "train.%s", o.name)
	}
	return nil
}

// loadOn checks the parameters, and makes the memory for them at the first step.
func (o *Optimizer) loadOn(s *cuda.Stream, params []cuda.Parameter) error {
	if o.slots != nil { // of steps on the CPU
		state, err := o.state()
		if err != nil {
			return err
		}
		o.goOnFrom(state)
	}
	if d := o.device; d != nil {
		if d.dev != s.Device() {
			return errors.Errorf("the parameters are on CUDA device %d, want device %d of the first step", s.Device().Ordinal(), d.dev.Ordinal())
		}
		return d.check(params)
	}
	d, err := o.newDeviceSlots(s, params)
	if err != nil {
		d.free()
		return err
	}
	o.device, o.restored = d, nil
	return nil
}

// leaveDevice brings the moments back to the host, for a step on the CPU.
func (o *Optimizer) leaveDevice() error {
	if o.device == nil {
		return nil
	}
	norm := o.device.norm()
	state, err := o.state()
	if err != nil {
		return err
	}
	o.goOnFrom(state)
	o.norm = norm
	return nil
}

// check compares parameters with those of the first step.
func (d *deviceSlots) check(params []cuda.Parameter) error {
	if len(params) != len(d.slots) {
		return errors.Errorf("got %d parameters, want the %d of the first step", len(params), len(d.slots))
	}
	for i := range params {
		p := &params[i]
		err := errors.WithMessage(d.slots[i].check(p.Value), "value")
		if err == nil && p.Grad.Pointer != 0 {
			err = errors.WithMessage(d.slots[i].check(p.Grad), "gradient")
		}
		if err != nil {
			return errors.WithMessage(err, label(i, p.Name))
		}
	}
	return nil
}

func (s *deviceSlot) check(v cuda.Value) error {
	if v.Type != cuda.Float32 {
		return errors.New("has integers, want float32")
	}
	if !slices.Equal(v.Shape, []int(s.shape)) {
		return errors.Errorf("has shape %v, want %v", v.Shape, s.shape)
	}
	return nil
}
