package cuda

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/pkg/errors"
)

// A Device is one of the driver's, in its primary context, which it shares with other
// libraries of the process. There is one of each number in a process.
type Device struct {
	d       *driver
	ordinal int
	handle  int32
	context uintptr
	name    string

	mu      sync.Mutex // held by Do
	stream  *Stream
	modules map[string]uintptr // loaded, by file
	kernels map[string]uintptr // functions
	blas    *blas
	noBlas  error

	forgotten forgotten
}

var devices struct {
	mu   sync.Mutex
	open map[int]*Device
}

// Count returns the number of devices.
func Count() (int, error) {
	d, err := loadedGuarded()
	if err != nil {
		return 0, err
	}
	var n int32
	return int(n), d.err(call(d.cuDeviceGetCount, uintptr(unsafe.Pointer(&n))), "cuDeviceGetCount")
}

func loadedGuarded() (d *driver, err error) {
	err = guardSignals(func() error {
		d, err = loaded()
		return err
	})
	return d, err
}

// Open returns the device of a number.
func Open(ordinal int) (*Device, error) {
	devices.mu.Lock()
	defer devices.mu.Unlock()
	if v := devices.open[ordinal]; v != nil {
		return v, nil
	}
	d, err := loadedGuarded()
	if err != nil {
		return nil, err
	}
	v, err := d.device(ordinal)
	if err != nil {
		return nil, err
	}
	if devices.open == nil {
		devices.open = map[int]*Device{}
	}
	devices.open[ordinal] = v
	return v, nil
}

// device opens one; what fails leaves nothing behind.
func (d *driver) device(ordinal int) (*Device, error) {
	v := &Device{d: d, ordinal: ordinal, modules: map[string]uintptr{}, kernels: map[string]uintptr{}}
	err := guardSignals(v.open)
	if err != nil {
		v.close()
	}
	return v, err
}

func (v *Device) open() error {
	d := v.d
	if r := call(d.cuDeviceGet, uintptr(unsafe.Pointer(&v.handle)), uintptr(v.ordinal)); r != 0 {
		return &Unavailable{fmt.Sprintf("there is no device %d: %v", v.ordinal, d.err(r, "cuDeviceGet"))}
	}
	var name [128]byte
	if err := d.err(call(d.cuDeviceGetName, uintptr(unsafe.Pointer(&name[0])), uintptr(len(name)), uintptr(v.handle)), "cuDeviceGetName"); err != nil {
		return err
	}
	v.name = goString(&name[0])
	major, minor, err := v.capability()
	if err != nil {
		return err
	}
	if major*10+minor < 75 {
		return &Unavailable{fmt.Sprintf("device %d, %s, has compute capability %d.%d, want 7.5 or later", v.ordinal, v.name, major, minor)}
	}
	if err := d.err(call(d.cuDevicePrimaryCtxRetain, uintptr(unsafe.Pointer(&v.context)), uintptr(v.handle)), "cuDevicePrimaryCtxRetain"); err != nil {
		return err
	}
	return v.within(func() error {
		v.stream = &Stream{v: v}
		if err := v.stream.open(); err != nil {
			return err
		}
		v.blas, v.noBlas = v.openBlas()
		return nil
	})
}

// close gives back all that a device has. No program of it may be in use. Its first error
// is returned; what comes after it is done all the same.
func (v *Device) close() error {
	if v.context == 0 {
		return nil
	}
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	keep(v.within(func() error {
		if v.blas != nil {
			keep(v.blas.err(call(v.blas.destroy, v.blas.handle), "cublasDestroy"))
			v.blas.workspace.Free()
		}
		if v.stream != nil {
			v.stream.staging.Free()
		}
		keep(v.freeForgotten())
		for _, m := range v.modules {
			keep(v.d.err(call(v.d.cuModuleUnload, m), "cuModuleUnload"))
		}
		return v.stream.close()
	}))
	keep(v.d.err(call(v.d.cuDevicePrimaryCtxRelease, uintptr(v.handle)), "cuDevicePrimaryCtxRelease"))
	v.context = 0
	return first
}

// capability returns the compute capability.
func (v *Device) capability() (major, minor int, err error) {
	for i, to := range []*int{&major, &minor} {
		var n int32
		const capabilityMajor = 75 // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR; _MINOR is the next
		if err := v.d.err(call(v.d.cuDeviceGetAttribute, uintptr(unsafe.Pointer(&n)), uintptr(capabilityMajor+i), uintptr(v.handle)), "cuDeviceGetAttribute"); err != nil {
			return 0, 0, err
		}
		*to = int(n)
	}
	return major, minor, nil
}

// Name returns the name of the device.
func (v *Device) Name() string { return v.name }

// Ordinal returns its number.
func (v *Device) Ordinal() int { return v.ordinal }

// Products says what computes products of matrices.
func (v *Device) Products() string {
	if v.blas == nil {
		return fmt.Sprintf("own kernels (%v)", v.noBlas)
	}
	return "cuBLAS " + v.blas.version
}

// Do calls f with the stream of the device, on a thread that has its context. One call is
// made at a time; f must not call Do.
func (v *Device) Do(f func(s *Stream) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.within(func() error {
		if err := v.freeForgotten(); err != nil {
			return err
		}
		return f(v.stream)
	})
}

// within calls f on a thread that has the context.
func (v *Device) within(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var r result
	if v.stream == nil {
		r = call(v.d.cuCtxSetCurrent, v.context)
	} else {
		r = v.stream.call(v.d.cuCtxSetCurrent, v.context)
	}
	if err := v.d.err(r, "cuCtxSetCurrent"); err != nil {
		return err
	}
	return f()
}

// Memory returns the bytes of the device that are free, and all of them. It is called
// within Do.
func (v *Device) Memory() (free, total int, err error) {
	var f, t uint64
	err = v.d.err(call(v.d.cuMemGetInfo, uintptr(unsafe.Pointer(&f)), uintptr(unsafe.Pointer(&t))), "cuMemGetInfo")
	return int(f), int(t), errors.WithMessagef(err, "device %d", v.ordinal)
}
