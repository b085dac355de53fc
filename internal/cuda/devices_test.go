package cuda

import (
	"sync"
	"testing"
)

// Devices have memory, streams and programs of their own, and compute at the same time.
func TestTwoDevices(t *testing.T) {
	f := fakeDriver(t)
	call(f.devices, 2)
	if n, err := Count(); n != 2 || err != nil {
		t.Fatalf("there are %d devices, error %v; want 2", n, err)
	}
	first := device(t)
	second, err := Open(1)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Open(1); again != second || err != nil {
		t.Errorf("opened twice: %p and %p, error %v; want the same device", second, again, err)
	}
	if second.Ordinal() != 1 || second.Name() == "" || second == first {
		t.Errorf("device 1 is number %d with the name %q", second.Ordinal(), second.Name())
	}
	var all sync.WaitGroup
	for k, v := range []*Device{first, second} {
		all.Go(func() {
			for range 20 {
				err := v.Do(func(s *Stream) error {
					x, err := v.Alloc(1024)
					if err != nil {
						return err
					}
					defer x.Free()
					if err := s.Fill(x.Pointer, 0, 256); err != nil {
						return err
					}
					return launched(v, s, 256, x.Pointer, x.Pointer, 256)
				})
				if err != nil {
					t.Errorf("device %d: %v", k, err)
				}
			}
		})
	}
	all.Wait()
	var x *Buffer
	within(t, first, func(*Stream) error {
		x, err = first.Alloc(1024)
		return err
	})
	within(t, second, func(s *Stream) error {
		expect(t, "memory of another device", launched(second, s, 256, x.Pointer, x.Pointer, 1), "relu: parameter 0 is memory of another device")
		return nil
	})
	call(f.reset)
	within(t, second, func(s *Stream) error {
		expect(t, "the stream of another device", first.stream.Fill(x.Pointer, 0, 1), "this stream is another device's")
		return nil
	})
	x.Free()
	call(f.devices, 1)
	_, err = Open(2)
	expect(t, "a device that is not there", err, "there is no device 2")
}
