package cuda

import (
	"strings"
	"testing"
)

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
