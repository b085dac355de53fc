package cuda

import (
	"bytes"
	"testing"
	"unsafe"
)

// room is memory of the device and of the host, as large as each other.
type room struct {
	memory *Buffer
	host   *Host
}

func roomFor(t *testing.T, v *Device, bytes int) room {
	t.Helper()
	memory, err := v.Alloc(bytes)
	if err != nil {
		t.Fatal(err)
	}
	host, err := v.Pinned(bytes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		memory.Free()
		host.Free()
	})
	return room{memory, host}
}

func (r room) words() []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(&r.host.Bytes()[0])), r.host.bytes/4)
}

// What is put in the stream is done in order, and its end is what Sync waits for.
func TestStreamOrder(t *testing.T) {
	v := device(t)
	within(t, v, func(s *Stream) error {
		r := roomFor(t, v, 64)
		x := r.memory.Pointer
		for k, act := range []func() error{
			func() error { return s.Fill(x, 7, 16) },
			func() error { return s.Fill(x.Add(4), 8, 4) },
			func() error { return s.Copy(x.Add(8), x.Add(4), 16) },
			func() error { return s.Fill(x.Add(4), 9, 2) },
			func() error { return s.Download(r.host, 0, x, 64) },
			func() error { return s.Copy(x, x, 0) },
			func() error { return s.Fill(x, 1, 0) },
			func() error { return s.Upload(x, r.host, 64, 0) },
			s.Sync,
		} {
			if err := act(); err != nil {
				t.Fatalf("number %d: %v", k, err)
			}
		}
		want := []uint32{7, 7, 7, 7, 9, 9, 8, 8, 8, 8, 8, 8, 7, 7, 7, 7}
		for i, w := range r.words() {
			if w != want[i] {
				t.Errorf("word %d is %d, want %d", i, w, want[i])
			}
		}
		return nil
	})
}

// A download is made when the device gets there; until Sync the host has what it had.
func TestFakeIsAsLateAsItMayBe(t *testing.T) {
	fakeDriver(t)
	v := device(t)
	within(t, v, func(s *Stream) error {
		r := roomFor(t, v, 64)
		if err := s.Fill(r.memory.Pointer, 5, 16); err != nil {
			return err
		}
		if err := s.Download(r.host, 0, r.memory.Pointer, 64); err != nil {
			return err
		}
		if w := r.words()[0]; w != 0 {
			t.Errorf("before Sync the host has %d, want 0", w)
		}
		if err := s.Sync(); err != nil {
			return err
		}
		if w := r.words()[0]; w != 5 {
			t.Errorf("after Sync the host has %d, want 5", w)
		}
		return nil
	})
}

// The fake driver leaves an upload beside the stream for later, unless the stream waits.
func TestUploadAside(t *testing.T) {
	v := device(t)
	within(t, v, func(s *Stream) error {
		for _, wait := range []bool{true, false} {
			if !wait {
				fakeDriver(t) // a real one may be early
			}
			r, out := roomFor(t, v, 64), roomFor(t, v, 64)
			copy(r.host.Bytes(), bytes.Repeat([]byte{1}, 64))
			if err := s.Fill(r.memory.Pointer, 0, 16); err != nil {
				return err
			}
			if err := s.Sync(); err != nil {
				return err
			}
			if err := s.UploadAside(r.memory.Pointer, r.host, 0, 64); err != nil {
				return err
			}
			if wait {
				if err := s.WaitAside(); err != nil {
					return err
				}
			}
			if err := s.Download(out.host, 0, r.memory.Pointer, 64); err != nil {
				return err
			}
			if err := s.Sync(); err != nil {
				return err
			}
			if got := out.host.Bytes()[0] == 1; got != wait {
				t.Errorf("waiting: %v; the upload was seen: %v", wait, got)
			}
		}
		return nil
	})
}
