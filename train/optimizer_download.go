package train

import (
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"gorgonia.org/tensor"
)

// state downloads what [Optimizer.State] returns.
func (d *deviceSlots) state(o *Optimizer) (state []NamedTensor, err error) {
	err = d.dev.Do(func(s *cuda.Stream) error {
		for i := range d.slots {
			slot := &d.slots[i]
			state = append(state, NamedTensor{o.entry(i, 0), tensor.New(tensor.FromScalar(int64(slot.steps)))})
			for j, at := range slot.moments {
				m := make([]float32, slot.shape.TotalSize())
				if err := s.Get(cuda.BytesOf(m), at); err != nil {
					return err
				}
				state = append(state, NamedTensor{o.entry(i, j+1), denseOf(m, slot.shape)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return state, nil
}

// restore uploads the state of one parameter.
func (d *deviceSlots) restore(s *cuda.Stream, slot *deviceSlot, state []NamedTensor) (err error) {
	if slot.steps, err = stepsOf(state[0].Value); err != nil {
		return err
	}
	for j, t := range state[1:] {
		m, err := elements[float32](t.Value, slot.shape)
		if err != nil {
			return errors.WithMessage(err, t.Name)
		}
		if err := s.Put(slot.moments[j], cuda.BytesOf(m)); err != nil {
			return err
		}
	}
	return nil
}

// norm waits for the norm of the last step. Where it can't be had it is NaN, and the next
// step says why.
func (d *deviceSlots) norm() float64 {
	if !d.clips {
		return 0
	}
	if d.pending {
		if err := d.dev.Do((*cuda.Stream).Sync); err != nil {
			return math.NaN()
		}
		d.pending = false
	}
	return cuda.View[float64](d.host, d.at.chunks, 1)[0]
}

// free gives the memory back.
func (d *deviceSlots) free() {
	if d != nil {
		d.memory.Free()
		d.host.Free()
	}
}
