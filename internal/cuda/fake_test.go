package cuda

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// fake is what only the fake driver has: tests by it skip on the real one.
type fake struct{ calls, live, fail, reset, limit, devices uintptr }

func fakeDriver(t *testing.T) fake {
	t.Helper()
	device(t)
	library, err := open(os.Getenv("THINNET_CUDA_LIBRARY"))
	if err != nil {
		t.Skip("the driver is not the fake one of internal/cuda/fake: THINNET_CUDA_LIBRARY does not name it")
	}
	var f fake
	for name, to := range map[string]*uintptr{"fakeCalls": &f.calls, "fakeLive": &f.live, "fakeFail": &f.fail, "fakeReset": &f.reset, "fakeLimit": &f.limit, "fakeDevices": &f.devices} {
		if *to, err = symbol(library, name); err != nil {
			t.Skipf("the driver is not the fake one of internal/cuda/fake: %v", err)
		}
	}
	t.Cleanup(func() {
		call(f.reset)
		call(f.limit, 1<<32)
		call(f.devices, 1)
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

// expect wants an error with the given words.
func expect(t *testing.T, what string, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: error %v, want one with %q", what, err, words)
	}
}

// within runs f on the device; its error fails the test.
func within(t testing.TB, v *Device, f func(s *Stream) error) {
	t.Helper()
	if err := v.Do(f); err != nil {
		t.Fatal(err)
	}
}
