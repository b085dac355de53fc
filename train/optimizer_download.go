package train

import (
	"math"
	"unsafe"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"gorgonia.org/tensor"
)

// stagingBytes are copied at a time between the moments and the memory of the program.
const stagingBytes = 4 << 20

// state downloads what [Optimizer.State] returns.
func (d *deviceSlots) state(o *Optimizer) (state []NamedTensor, err error) {
	err = d.dev.Do(func(s *cuda.Stream) error {
		for i := range d.slots {
			slot := &d.slots[i]
			state = append(state, NamedTensor{o.entry(i, 0), tensor.New(tensor.FromScalar(int64(slot.steps)))})
			for j, at := range slot.moments {
				m := make([]float32, slot.shape.TotalSize())
				if err := d.get(s, memoryOf(m), at); err != nil {
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
		if err := d.put(s, slot.moments[j], memoryOf(m)); err != nil {
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
	return *(*float64)(unsafe.Pointer(&d.host.Bytes()[d.at.chunks]))
}

// put copies to the device and waits.
func (d *deviceSlots) put(s *cuda.Stream, to cuda.Pointer, from []byte) error {
	return d.staged(len(from), func(host *cuda.Host, at, n int) error {
		copy(host.Bytes(), from[at:at+n])
		if err := s.Upload(to+cuda.Pointer(at), host, 0, n); err != nil {
			return err
		}
		return s.Sync()
	})
}

// get copies from the device and waits.
func (d *deviceSlots) get(s *cuda.Stream, to []byte, from cuda.Pointer) error {
	return d.staged(len(to), func(host *cuda.Host, at, n int) error {
		if err := s.Download(host, 0, from+cuda.Pointer(at), n); err != nil {
			return err
		}
		if err := s.Sync(); err != nil {
			return err
		}
		copy(to[at:], host.Bytes()[:n])
		return nil
	})
}

// staged calls f for parts of so many bytes, with memory that copies may use.
func (d *deviceSlots) staged(bytes int, f func(host *cuda.Host, at, n int) error) error {
	host, err := d.dev.Pinned(min(bytes, stagingBytes))
	if err != nil {
		return err
	}
	defer host.Free()
	for at := 0; at < bytes; at += stagingBytes {
		if err := f(host, at, min(stagingBytes, bytes-at)); err != nil {
			return err
		}
	}
	return nil
}

// free gives the memory back.
func (d *deviceSlots) free() {
	if d != nil {
		d.memory.Free()
		d.host.Free()
	}
}
