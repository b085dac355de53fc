package cuda

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// fake is what only the fake driver has: tests by it skip on the real one.
type fake struct{ calls, live, fail, reset, limit uintptr }

func fakeDriver(t *testing.T) fake {
	t.Helper()
	device(t)
	library, err := open(os.Getenv("THINNET_CUDA_LIBRARY"))
	if err != nil {
		t.Skip("the driver is not the fake one of internal/cuda/fake: THINNET_CUDA_LIBRARY does not name it")
	}
	var f fake
	for name, to := range map[string]*uintptr{"fakeCalls": &f.calls, "fakeLive": &f.live, "fakeFail": &f.fail, "fakeReset": &f.reset, "fakeLimit": &f.limit} {
		if *to, err = symbol(library, name); err != nil {
			t.Skipf("the driver is not the fake one of internal/cuda/fake: %v", err)
		}
	}
	t.Cleanup(func() {
		call(f.reset)
		call(f.limit, 1<<32)
	})
	return f
}

func cString(s string) *byte { return &append([]byte(s), 0)[0] }

// counts are the calls of a function so far, and the resources that are in use.
func (f fake) counts(name string) int {
	return int(call(f.calls, uintptr(unsafe.Pointer(cString(name)))))
}

func (f fake) inUse() string {
	var out []string
	for _, kind := range []string{"memory", "host", "stream", "event", "module", "graph", "executable graph", "context"} {
		out = append(out, fmt.Sprintf("%s %d", kind, call(f.live, uintptr(unsafe.Pointer(cString(kind))))))
	}
	return strings.Join(out, ", ")
}

// life is all that is done with a device: open, allocate, record, run, capture, run, free,
// close.
func life(d *driver) (err error) {
	v, err := d.device(0)
	if err != nil {
		return err
	}
	defer func() {
		if e := v.close(); err == nil {
			err = e
		}
	}()
	if v.blas == nil {
		return v.noBlas
	}
	return v.Do(func(s *Stream) error {
		memory, err := v.Alloc(1 << 12)
		if err != nil {
			return err
		}
		defer memory.Free()
		host, err := v.Pinned(1 << 12)
		if err != nil {
			return err
		}
		defer host.Free()
		x, y := memory.Pointer, memory.Pointer.Add(256)
		c := NewCommands(0, 0, 0)
		c.Fill(x, 0x3f800000, 16)
		c.Each("relu", 16, y, x, 16)
		c.Copy(memory.Pointer.Add(512), y, 64)
		c.Gemm(Product{C: memory.Pointer.Add(768), A: x, B: y, M: 4, N: 4, K: 4})
		p, err := v.Program(c)
		if err != nil {
			return err
		}
		defer p.Free()
		if err := s.UploadAside(x, host, 0, 64); err != nil {
			return err
		}
		if err := s.WaitAside(); err != nil {
			return err
		}
		if err := p.Run(s); err != nil {
			return err
		}
		if err := p.Capture(s); err != nil {
			return err
		}
		if err := p.Run(s); err != nil {
			return err
		}
		if err := s.Download(host, 0, y, 64); err != nil {
			return err
		}
		if _, _, err := v.Memory(); err != nil {
			return err
		}
		return s.Sync()
	})
}

// Each call of the driver fails in turn: the error names the function, nothing is left
// behind, and afterwards everything works.
func TestEveryCallFailsInTurn(t *testing.T) {
	f := fakeDriver(t)
	d, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	if err := life(d); err != nil {
		t.Fatal(err)
	}
	if err := device(t).Do(func(*Stream) error { return nil }); err != nil { // frees what other tests forgot
		t.Fatal(err)
	}
	before := f.inUse()
	for name := range d.symbols() {
		called := f.counts(name)
		if err := life(d); err != nil {
			t.Fatal(err)
		}
		called = f.counts(name) - called
		// What can't be freed is left to the driver.
		frees := strings.Contains(name, "Destroy") || strings.Contains(name, "Free") || strings.Contains(name, "Unload") || strings.Contains(name, "Release")
		for n := 1; n <= called; n++ {
			call(f.fail, uintptr(unsafe.Pointer(cString(name))), uintptr(n), 1)
			err := life(d)
			call(f.reset)
			short := strings.TrimSuffix(name, "_v2")
			if err == nil || !strings.Contains(err.Error(), short) && !strings.Contains(err.Error(), name) {
				t.Errorf("call %d of %s fails: error %v does not name it", n, name, err)
			}
			closing := name == "cuCtxSetCurrent" && n == called
			if now := f.inUse(); now != before && !frees && !closing {
				t.Errorf("call %d of %s fails: in use are %s, want %s", n, name, now, before)
			}
			before = f.inUse()
		}
	}
	if err := life(d); err != nil {
		t.Errorf("after all failures: %v", err)
	}
}

func TestMisuseIsRefused(t *testing.T) {
	f := fakeDriver(t)
	v := device(t)
	expect := func(what string, err error, words string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: error %v, want one with %q", what, err, words)
		}
	}
	_, err := Open(9)
	expect("no such device", err, "there is no device 9")
	err = v.Do(func(s *Stream) error {
		memory, err := v.Alloc(1024)
		if err != nil {
			return err
		}
		defer memory.Free()
		host, err := v.Pinned(2048)
		if err != nil {
			return err
		}
		defer host.Free()
		expect("a copy past the end of the device's memory", s.Upload(memory.Pointer, host, 0, 2000), "no memory of the device")
		expect("a copy past the end of the host's memory", s.Upload(memory.Pointer, host, 1500, 1000), "of memory of the host that has 2048")
		heap := &Host{at: unsafe.Pointer(new([64]byte)), bytes: 64}
		expect("a copy from the heap of Go", s.Upload(memory.Pointer, heap, 0, 64), "pageable")
		for what, record := range map[string]func(c *Commands){
			"an unknown kernel":   func(c *Commands) { c.Each("nothing", 1) },
			"too few parameters":  func(c *Commands) { c.Each("relu", 1, memory.Pointer) },
			"a swapped parameter": func(c *Commands) { c.Each("relu", 1, memory.Pointer, 1, memory.Pointer) },
			"a number too large":  func(c *Commands) { c.Each("relu", 1, memory.Pointer, memory.Pointer, 1<<33) },
			"a string":            func(c *Commands) { c.Each("relu", 1, memory.Pointer, memory.Pointer, "1") },
			"a grid of 2^40":      func(c *Commands) { c.Blocks("relu", 1<<40, 32, memory.Pointer, memory.Pointer, 1) },
		} {
			c := NewCommands(0, 0, 0)
			record(c)
			_, err := v.Program(c)
			expect(what, err, "kernel")
		}
		run := func(record func(c *Commands)) error {
			c := NewCommands(0, 0, 0)
			record(c)
			p, err := v.Program(c)
			if err != nil {
				return err
			}
			if err := p.Run(s); err != nil {
				return err
			}
			return s.Sync()
		}
		expect("too many threads", run(func(c *Commands) { c.Blocks("relu", 1, 2048, memory.Pointer, memory.Pointer, 1) }), "more blocks or threads")
		expect("an address of the host", run(func(c *Commands) {
			c.Each("relu", 1, Pointer(uintptr(unsafe.Pointer(v))), memory.Pointer, 1)
		}), "parameter 0 is no memory of the device")
		call(f.reset) // the real driver would have to be left
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOutOfMemoryFreesGarbageFirst(t *testing.T) {
	f := fakeDriver(t)
	v := device(t)
	err := v.Do(func(s *Stream) error {
		if err := v.collect(); err != nil {
			return err
		}
		free, _, err := v.Memory()
		if err != nil {
			return err
		}
		call(f.limit, uintptr(1<<32-free+100<<20))
		for range 5 { // each is garbage when the next one is asked for
			if _, err := v.Alloc(60 << 20); err != nil {
				return err
			}
		}
		_, err = v.Alloc(200 << 20)
		if err == nil || !strings.Contains(err.Error(), "want 209.7 MB") || !strings.Contains(err.Error(), "free") {
			t.Errorf("error %v, want one that says how much is free", err)
		}
		b, err := v.Alloc(90 << 20)
		b.Free()
		b.Free()
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
