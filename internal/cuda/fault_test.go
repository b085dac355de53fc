package cuda

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

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
	names := slices.Concat(slices.Collect(maps.Keys(d.symbols())), slices.Collect(maps.Keys((&blas{}).symbols())))
	for _, name := range names {
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
