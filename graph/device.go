package graph

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/cuda"
	"gorgonia.org/tensor"
)

// A Device is where a model computes: see [On].
type Device struct {
	kind  deviceKind
	index int // of a CUDA device
}

type deviceKind uint8

const (
	cpuDevice deviceKind = iota
	cudaDevice
	autoDevice
)

// CPU is the processor that the program runs on, the default.
func CPU() Device { return Device{} }

// CUDA is the NVIDIA device of a number, as the driver counts them from 0. What the
// driver sees can be narrowed by the environment variable CUDA_VISIBLE_DEVICES.
func CUDA(index int) Device { return Device{cudaDevice, index} }

// Auto is CUDA(0) where a model can be built for it, else the CPU; then it says on the
// standard error, once a process, why.
func Auto() Device { return Device{kind: autoDevice} }

// ParseDevice reads a device as PyTorch writes it: "cpu", "cuda", which is "cuda:0",
// "cuda:1"; or "auto".
func ParseDevice(text string) (Device, error) {
	switch text {
	case "cpu":
		return CPU(), nil
	case "auto":
		return Auto(), nil
	case "cuda":
		return CUDA(0), nil
	}
	if number, ok := strings.CutPrefix(text, "cuda:"); ok {
		if n, err := strconv.ParseUint(number, 10, 16); err == nil {
			return CUDA(int(n)), nil
		}
	}
	return Device{}, errors.Errorf("the device is %q, want cpu, cuda, cuda:N or auto", text)
}

// String returns the device as [ParseDevice] reads it.
func (d Device) String() string {
	switch d.kind {
	case cudaDevice:
		return fmt.Sprintf("cuda:%d", d.index)
	case autoDevice:
		return "auto"
	}
	return "cpu"
}

// On makes a model compute on a device, with equal weights, seeds and masks on each.
//
// A CUDA device needs the driver of NVIDIA (520 or later) and no toolkit. It computes in
// float32. An operation that has no kernel there, as those of [Lift], is an error of
// [Build]; so is a device that is not there, which lists what was tried. Tensors that go
// in and come out are in the memory of the host as ever. The values of [Model.Weights]
// are those of the moment it was called, or of the last [Model.Sync]. What is written to
// them, as [Model.Exclusively] asks for, goes to the device before the next run.
func On(d Device) Option { return func(m *Model) { m.device = d } }

// TF32 allows products of matrices on a CUDA device to round their factors to 10 bits of
// mantissa, which is faster by far on devices of compute capability 8.0 and later. It is
// PyTorch's torch.backends.cuda.matmul.allow_tf32, and off by default as there.
func TF32() Option { return func(m *Model) { m.tf32 = true } }

// Device returns the device that the model computes on, the one chosen for [Auto].
func (m *Model) Device() Device {
	if m == nil {
		return CPU()
	}
	return m.device
}

// first builds the first program of a model, on the device that is chosen for it.
func (m *Model) first() (*program, error) {
	auto := m.device.kind == autoDevice
	if auto {
		m.device = CUDA(0)
	}
	err := m.open()
	if err == nil {
		var p *program
		if p, err = m.programs.get(m, programKey{mode: Eval}, m.shape, nil, nil); err == nil || !auto {
			return p, err
		}
	}
	if !auto {
		return nil, err
	}
	why := err
	m.device, m.resident = CPU(), nil
	p, err := m.programs.get(m, programKey{mode: Eval}, m.shape, nil, nil)
	if err == nil { // else it was no matter of the device
		sayWhy(why)
	}
	return p, err
}

// open finds the device of a model.
func (m *Model) open() error {
	if m.device.kind != cudaDevice {
		return nil
	}
	if m.dtype != tensor.Float32 {
		return errors.Errorf("the model has type %v on %v, want float32; build it on the CPU", m.dtype, m.device)
	}
	dev, err := cuda.Open(m.device.index)
	if err != nil {
		return errors.WithMessagef(err, "device %v", m.device)
	}
	m.resident = newResident(m, dev)
	return nil
}

var said sync.Once

func sayWhy(why error) {
	said.Do(func() { fmt.Fprintf(os.Stderr, "thinnet: computing on the CPU: %v\n", why) })
}
