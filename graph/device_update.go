package graph

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
)

// A DeviceSolver is a solver that updates parameters where they are on a CUDA device, as
// those of package train do.
type DeviceSolver interface {
	gorgonia.Solver

	// StepOn does what Step does. The parameters of a model are always the same ones in the
	// same order.
	StepOn(s *cuda.Stream, params []cuda.Parameter) error
}

// updateOnDevice is [Trainer.Update] on a CUDA device.
func (t *Trainer) updateOnDevice(solver gorgonia.Solver) error {
	m, r := t.m, t.m.resident
	there, ok := solver.(DeviceSolver)
	if !ok {
		return errors.Errorf("the solver %T has no kernel for CUDA, want one of package train, such as train.Adam; or build the model on the CPU", solver)
	}
	m.running.Lock()
	defer m.running.Unlock()
	err := r.dev.Do(func(s *cuda.Stream) error {
		if err := r.told(); err != nil {
			return err
		}
		if err := r.upload(s, m.version.Load()); err != nil {
			return err
		}
		if err := t.deviceParams(s); err != nil {
			return err
		}
		if err := guard.Call("the solver", func() error { return there.StepOn(s, t.given) }); err != nil {
			return errors.WithMessage(err, "updating the parameters")
		}
		for _, p := range t.there {
			r.newer[p.w] = true
		}
		return t.assignOnDevice(s)
	})
	if err != nil {
		return err
	}
	return t.project()
}

// A deviceParam is a parameter that has a gradient, by its number in the model.
type deviceParam struct {
	w *weight
	i int
}

// deviceParams makes lists of the parameters, once for a machine, and brings the gradients
// of pieces to it.
func (t *Trainer) deviceParams(s *cuda.Stream) error {
	d := t.mach.device
	if t.there == nil {
		for i, w := range t.m.weights() {
			if t.p.grads[i] != nil {
				grad := d.values[t.p.plan.index[t.p.grads[i]]]
				t.there = append(t.there, deviceParam{w, i})
				t.given = append(t.given, cuda.Parameter{Name: w.Name, Value: d.r.at[w], Grad: grad})
			}
		}
	}
	if !t.inPieces() {
		return nil
	}
	for k, p := range t.there {
		if err := s.Put(t.given[k].Grad.Pointer, bytesOf(t.pieces.grads[p.i])); err != nil {
			return errors.WithMessage(err, p.w.Name)
		}
	}
	return nil
}

// assignOnDevice gives states their next values.
func (t *Trainer) assignOnDevice(s *cuda.Stream) error {
	d := t.mach.device
	for _, a := range t.p.assigns {
		to := d.r.at[a.state]
		var err error
		if t.inPieces() {
			err = s.Put(to.Pointer, bytesOf(t.pieces.states[a.state]))
		} else {
			err = s.Copy(to.Pointer, d.values[t.p.plan.index[a.value.n]].Pointer, to.Bytes())
		}
		if err != nil {
			return errors.WithMessage(err, a.state.Name)
		}
		d.r.newer[a.state] = true
		delete(d.r.foreign, a.state)
	}
	return nil
}
