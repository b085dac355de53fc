package graph

import (
	"sync"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"gorgonia.org/tensor"
)

// A resident is what a model has in the memory of a CUDA device: its weights. Of each
// weight either the host or the device has the newest value. All but newResident is
// called while no other run of the device goes on, with its stream.
type resident struct {
	m   *Model
	dev *cuda.Device

	slab    *cuda.Buffer // of all weights; nil before the first run
	at      map[*weight]cuda.Value
	filled  bool             // the device has had all weights once
	version uint64           // of the weights of the host that it had last
	newer   map[*weight]bool // on the device than on the host
	foreign map[*weight]bool // on the device: a value that is not of the model

	mu  sync.Mutex
	err error // that the next run returns
}

func newResident(m *Model, dev *cuda.Device) *resident {
	return &resident{m: m, dev: dev, at: map[*weight]cuda.Value{}, newer: map[*weight]bool{}, foreign: map[*weight]bool{}}
}

// aligned is [cuda.Aligned]; nothing too has an address of its own.
func aligned(bytes int) int { return cuda.Aligned(max(bytes, 1)) }

// tellLater keeps an error of what can't return one, for the next run.
func (r *resident) tellLater(err error) {
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

// told returns that error, once.
func (r *resident) told() (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	err, r.err = r.err, nil
	return err
}

// place allocates memory for the weights, once.
func (r *resident) place() error {
	if r.slab != nil {
		return nil
	}
	bytes := 0
	for _, w := range r.m.store.order {
		bytes += aligned(denseBytes(w.Value))
	}
	slab, err := r.dev.Alloc(max(bytes, 1))
	if err != nil {
		return errors.WithMessage(err, "the weights")
	}
	r.slab = slab
	at := slab.Pointer
	for _, w := range r.m.store.order {
		v, err := onDevice(w.Value.Dtype(), w.Value.Shape(), at)
		if err != nil {
			return errors.WithMessage(err, w.Name)
		}
		r.at[w] = v
		at += cuda.Pointer(aligned(v.Bytes()))
	}
	return nil
}

// onDevice describes a value in the memory of a device.
func onDevice(dt tensor.Dtype, shape Shape, at cuda.Pointer) (cuda.Value, error) {
	v := cuda.Value{Pointer: at, Shape: shape}
	switch dt {
	case tensor.Float32:
	case tensor.Int, tensor.Int64:
		v.Type = cuda.Int64
	default:
		return v, errors.Errorf("element type is %v, want float32, int or int64 on a CUDA device", dt)
	}
	return v, nil
}

// upload brings what the host has written to the device. version is that of the host's
// weights.
func (r *resident) upload(s *cuda.Stream, version uint64) error {
	if err := r.place(); err != nil {
		return err
	}
	all := !r.filled || r.version != version
	if !all && len(r.foreign) == 0 {
		return nil
	}
	for _, w := range r.m.store.order {
		if (all && !r.newer[w]) || r.foreign[w] {
			if err := r.put(s, w, w.Value); err != nil {
				return err
			}
			delete(r.foreign, w)
		}
	}
	r.version, r.filled = version, true
	return nil
}

// put copies a value to the place of a weight.
func (r *resident) put(s *cuda.Stream, w *weight, value *tensor.Dense) error {
	return errors.WithMessage(s.Put(r.at[w].Pointer, bytesOf(value)), w.Name)
}

// override puts a value that is not the model's in the place of a weight, until the next
// upload.
func (r *resident) override(s *cuda.Stream, w *weight, value *tensor.Dense) error {
	if err := r.fetch(s, w); err != nil {
		return err
	}
	r.foreign[w] = true
	return r.put(s, w, value)
}

// fetch copies a weight to the host where the device has a newer value.
func (r *resident) fetch(s *cuda.Stream, w *weight) error {
	if !r.newer[w] {
		return nil
	}
	if err := s.Get(bytesOf(w.Value), r.at[w].Pointer); err != nil {
		return errors.WithMessage(err, w.Name)
	}
	delete(r.newer, w)
	return nil
}

// Sync brings the tensors that [Model.Weights] returned up to date after training on a CUDA
// device; [Model.Weights] and [Model.Exclusively] do so by themselves. On the CPU they always
// are.
func (m *Model) Sync() error {
	if err := m.built(); err != nil {
		return err
	}
	return m.fetch()
}

// fetch copies to the host what the device has newer values of: of one weight, or of all.
func (m *Model) fetch(only ...*weight) error {
	r := m.resident
	if r == nil {
		return nil
	}
	return r.dev.Do(func(s *cuda.Stream) error {
		if len(r.newer) == 0 {
			return nil
		}
		if len(only) == 0 {
			only = m.store.order
		}
		for _, w := range only {
			if err := r.fetch(s, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func denseBytes(d *tensor.Dense) int { return d.Shape().TotalSize() * int(d.Dtype().Size()) }

// bytesOf returns the memory of a tensor of a type that devices know, in order.
func bytesOf(d *tensor.Dense) []byte {
	switch d.Dtype() {
	case tensor.Float32:
		return cuda.BytesOf(d.Float32s())
	case tensor.Int:
		return cuda.BytesOf(d.Ints())
	case tensor.Int64:
		return cuda.BytesOf(d.Int64s())
	}
	return nil
}
