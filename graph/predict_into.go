package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// PredictInto is [Model.Predict] without tensors: x has the elements of one or more
// samples, and those of their outputs are written to dst. It is for models of float32.
//
// It may be called from many goroutines, and allocates nothing but when a batch size is
// new, or more goroutines than before predict at a time. What no one uses for a while
// goes to the garbage collector. Stock operations, see [Lift], allocate at each call.
func (m *Model) PredictInto(dst, x []float32) error {
	if err := m.built(); err != nil {
		return err
	}
	each := m.shape[1:].TotalSize()
	switch {
	case m.dtype != tensor.Float32:
		return errors.Errorf("the model has type %v, want float32 for PredictInto; use Predict", m.dtype)
	case len(x) == 0 || len(x)%each != 0:
		return errors.Errorf("the input has %d elements, want a multiple of %d, those of a sample of shape %v", len(x), each, m.shape[1:])
	}
	p, err := m.programOf(len(x) / each)
	if err != nil {
		return err
	}
	if want := p.plan.slots[p.plan.index[p.y.n]].shape.TotalSize(); len(dst) != want {
		return errors.Errorf("there is room for %d elements of output, want room for %d", len(dst), want)
	}
	mach, err := p.take()
	if err != nil {
		return err
	}
	defer p.give(mach)
	if mach.x == nil {
		mach.x = newDense(m.dtype, p.xShape)
	}
	copy(mach.x.Float32s(), x)
	m.running.RLock()
	defer m.running.RUnlock()
	if err := p.bind(mach, mach.x, nil, 0, m.version.Load()); err != nil {
		return err
	}
	if err := mach.run(nil); err != nil {
		return err
	}
	copy(dst, mach.value(p.y.n).Float32s())
	return nil
}

// programOf returns the one that predicts for a batch size. It allocates nothing if it is
// there.
func (m *Model) programOf(batch int) (*program, error) {
	var axes [maxAxes]int
	if len(m.shape) <= len(axes) {
		shape := append(axes[:0], m.shape...)
		shape[0] = batch
		if p := m.programs.find(programKey{mode: Eval}, shape); p != nil {
			return p, nil
		}
	}
	return m.programs.get(m, programKey{mode: Eval}, m.shapeOf(batch), nil, nil)
}

const maxAxes = 8 // that are looked up without memory
