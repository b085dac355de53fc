package cuda

import (
	"runtime"
	"testing"
	"unsafe"
)

func TestUnknownDevice(t *testing.T) {
	fakeDriver(t)
	_, err := Open(9)
	expect(t, "no such device", err, "there is no device 9: cuDeviceGet: CUDA_ERROR_INVALID_DEVICE (101)")
	_, err = Open(-1)
	expect(t, "no such device", err, "there is no device -1")
}

func TestThreadWithoutContext(t *testing.T) {
	fakeDriver(t)
	v := device(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if r := call(v.d.cuCtxSetCurrent, 0); r != 0 {
		t.Fatal(v.d.text(r))
	}
	_, err := v.Alloc(16)
	expect(t, "memory outside of Do", err, "cuMemAlloc: CUDA_ERROR_INVALID_CONTEXT (201)")
	_, err = v.Pinned(16)
	expect(t, "memory of the host outside of Do", err, "cuMemHostAlloc: CUDA_ERROR_INVALID_CONTEXT (201)")
}

func TestCopiesOutOfRange(t *testing.T) {
	fakeDriver(t)
	v := device(t)
	within(t, v, func(s *Stream) error {
		memory, err := v.Alloc(1024)
		if err != nil {
			return err
		}
		defer memory.Free()
		host, err := v.Pinned(2048)
		if err != nil {
			return err
		}
		expect(t, "past the end of the device's memory", s.Upload(memory.Pointer, host, 0, 2000), "no memory of the device")
		expect(t, "the same, to the host", s.Download(host, 0, memory.Pointer, 2000), "no memory of the device")
		expect(t, "the same, within the device", s.Copy(memory.Pointer, memory.Pointer.Add(128), 1024), "no memory of the device")
		expect(t, "a fill", s.Fill(memory.Pointer, 0, 300), "no memory of the device")
		expect(t, "past the end of the host's memory", s.Upload(memory.Pointer, host, 1500, 1000), "1000 bytes at 1500 of memory of the host that has 2048")
		expect(t, "before its begin", s.Download(host, -4, memory.Pointer, 8), "8 bytes at -4")
		host.Free()
		expect(t, "freed memory of the host", s.Upload(memory.Pointer, host, 0, 64), "memory of the host")
		heap := &Host{at: unsafe.Pointer(new([64]byte)), bytes: 64}
		expect(t, "the heap of Go", s.Upload(memory.Pointer, heap, 0, 64), "pageable")
		return nil
	})
}

func TestWrongParameters(t *testing.T) {
	v := device(t)
	x := Pointer(256)
	for what, record := range map[string]func(c *Commands){
		`there is no kernel "nothing"`:                          func(c *Commands) { c.Each("nothing", 1) },
		"kernel relu: 1 parameters, want 3":                     func(c *Commands) { c.Each("relu", 1, x) },
		"parameter 1: int for a parameter of type u64":          func(c *Commands) { c.Each("relu", 1, x, 1, x) },
		"parameter 2: 8589934592 does not fit 32 bits":          func(c *Commands) { c.Each("relu", 1, x, x, 1<<33) },
		"parameter 2: string can't be a parameter":              func(c *Commands) { c.Each("relu", 1, x, x, "1") },
		"parameter 2: float32 for a parameter of type u32":      func(c *Commands) { c.Each("relu", 1, x, x, float32(1)) },
		"[1099511627776 1 1] blocks, want at most 2147483647":   func(c *Commands) { c.Blocks("relu", 1<<40, 32, x, x, 1) },
		"[1 70000 1] blocks, want at most 65535 along axis 1":   func(c *Commands) { c.Launch("relu", [3]int{1, 70000, 1}, [3]int{1, 1, 1}, x, x, 1) },
		"[-1 1 1] blocks, want at most 2147483647 along axis 0": func(c *Commands) { c.Launch("relu", [3]int{-1, 1, 1}, [3]int{1, 1, 1}, x, x, 1) },
	} {
		c := NewCommands(0, 0, 0)
		record(c)
		_, err := v.Program(c)
		expect(t, what, err, what)
		expect(t, what, c.Err(), what)
	}
}

// launched runs one launch of relu on n elements.
func launched(v *Device, s *Stream, threads int, to, from Pointer, n int) error {
	c := NewCommands(0, 0, 0)
	c.Blocks("relu", 1, threads, to, from, n)
	p, err := v.Program(c)
	if err != nil {
		return err
	}
	if err := p.Run(s); err != nil {
		return err
	}
	return s.Sync()
}

// After an error of a kernel nothing works until the process is left, and the error says
// which kernel it was.
func TestBadLaunchesAreRefused(t *testing.T) {
	f := fakeDriver(t)
	v := device(t)
	within(t, v, func(s *Stream) error {
		x, err := v.Alloc(1024)
		if err != nil {
			return err
		}
		defer x.Free()
		freed, err := v.Alloc(1024)
		if err != nil {
			return err
		}
		freed.Free()
		if err := v.freeForgotten(); err != nil {
			return err
		}
		expect(t, "too many threads", launched(v, s, 2048, x.Pointer, x.Pointer, 1), "cuLaunchKernel of relu: CUDA_ERROR_INVALID_VALUE (1): relu: more blocks or threads")
		if err := launched(v, s, 256, x.Pointer, x.Pointer, 256); err != nil {
			t.Errorf("after a launch that was refused: %v", err)
		}
		for what, l := range map[string]struct {
			to    Pointer
			n     int
			words string
		}{
			"an address of the host":    {Pointer(uintptr(unsafe.Pointer(v))), 1, "relu: parameter 0 is no memory of the device"},
			"freed memory":              {freed.Pointer, 1, "relu: parameter 0 is no memory of the device"},
			"elements behind the value": {x.Pointer, 1 << 10, "relu: thread ("},
		} {
			expect(t, what, launched(v, s, 1024, l.to, x.Pointer, l.n), l.words)
			expect(t, what+", and Sync after it", s.Sync(), "cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS (700)")
			_, err := v.Alloc(4)
			expect(t, what+", and Alloc after it", err, "cuMemAlloc: CUDA_ERROR_ILLEGAL_ADDRESS (700)")
			call(f.reset)
			if err := launched(v, s, 256, x.Pointer, x.Pointer, 256); err != nil {
				t.Errorf("%s: afterwards: %v", what, err)
			}
		}
		return nil
	})
}

// What a graph can't hold ends the capture, and the next one works.
func TestNothingWaitsInACapture(t *testing.T) {
	fakeDriver(t)
	v := device(t)
	within(t, v, func(s *Stream) error {
		x, err := v.Alloc(1024)
		if err != nil {
			return err
		}
		defer x.Free()
		for what, act := range map[string]func() error{
			"cuStreamSynchronize": s.Sync,
			"cuMemAlloc": func() error {
				_, err := v.Alloc(16)
				return err
			},
			"cuMemHostAlloc": func() error {
				_, err := v.Pinned(16)
				return err
			},
			"cuModuleLoadDataEx": func() error {
				_, err := v.load("elementwise.ptx")
				return err
			},
		} {
			var graph uintptr
			if r := call(v.d.cuStreamBeginCapture, s.handle, threadLocal); r != 0 {
				return v.d.err(r, "cuStreamBeginCapture")
			}
			expect(t, "while capturing", act(), what)
			expect(t, what+", and a fill after it", s.Fill(x.Pointer, 0, 1), "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED (901)")
			err := v.d.err(call(v.d.cuStreamEndCapture, s.handle, uintptr(unsafe.Pointer(&graph))), "cuStreamEndCapture")
			expect(t, what+", and the end", err, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED (901)")
			if err := s.Sync(); err != nil {
				t.Errorf("after a capture that failed: %v", err)
			}
		}
		return nil
	})
}
