package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// PredictInto is [Model.Predict] without tensors: x has the elements of one or more
// samples, and those of their outputs are written to dst. It is for models of float32.
//
// It may be called from many goroutines, and allocates nothing but when a batch size is
// new, or more goroutines than ever before predict at a time. Of a frozen model, see
// [FromFrozen], the memory of up to 64 goroutines is kept for each batch size; of another
// one, what is idle goes to the garbage collector. Stock operations, see [Lift], allocate
// at each call.
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
	copy(p.input(mach).Float32s(), x)
	m.running.RLock()
	defer m.running.RUnlock()
	if err := m.run(p, mach); err != nil {
		return err
	}
	copy(dst, mach.value(p.y.n).Float32s())
	return nil
}

// input returns a machine's own.
func (p *program) input(mach *machine) *tensor.Dense {
	if mach.x == nil {
		mach.x = newDense(p.x.Dtype(), p.xShape)
	}
	return mach.x
}

// run predicts of the machine's own input. The weights stay as they are meanwhile.
func (m *Model) run(p *program, mach *machine) error {
	if err := p.bind(mach, mach.x, nil, 0, m.version.Load()); err != nil {
		return err
	}
	return mach.run(nil)
}

// Reserve makes all that so many goroutines need to predict batches of a size at a time,
// up to 64, by predicting zeros. Of a model that is not frozen, see [FromFrozen], the
// garbage collector takes it back when it is idle.
func (m *Model) Reserve(batch, goroutines int) error {
	if err := m.built(); err != nil {
		return err
	}
	if batch < 1 || goroutines < 1 {
		return errors.Errorf("graph.Model.Reserve: the batch is %d and the goroutines are %d, want at least 1 of each", batch, goroutines)
	}
	p, err := m.programOf(batch)
	if err != nil {
		return err
	}
	m.running.RLock()
	defer m.running.RUnlock()
	for range goroutines {
		mach, err := p.take()
		if err != nil {
			return err
		}
		defer p.give(mach) // when all are there
		clear(Data[float32](p.input(mach)))
		if err := m.run(p, mach); err != nil {
			return err
		}
	}
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
