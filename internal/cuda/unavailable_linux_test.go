//go:build linux && (amd64 || arm64) && !nocuda

package cuda

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// elsewhere runs this test in another process, which opens the driver anew, and returns
// what it prints.
func elsewhere(t *testing.T, env ...string) string {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), append(env, "THINNET_CUDA_CHILD=1")...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestUnavailableSaysWhy(t *testing.T) {
	if os.Getenv("THINNET_CUDA_CHILD") != "" {
		_, err := Open(0)
		var none *Unavailable
		t.Logf("unavailable: %v, %v", errors.As(err, &none), err)
		return
	}
	for what, c := range map[string]struct{ library, words string }{
		"no such file":                {"/nowhere/libcuda.so.1", "CUDA is not available: the driver of NVIDIA can't be opened: /nowhere/libcuda.so.1: cannot open shared object file"},
		"a library that is no driver": {"libc.so.6", "CUDA is not available: the driver has no cu"},
	} {
		out := elsewhere(t, "THINNET_CUDA_LIBRARY="+c.library)
		if !strings.Contains(out, "unavailable: true, "+c.words) {
			t.Errorf("%s: %s, want %q", what, out, c.words)
		}
	}
}

// Without the variable all known places are tried, and the error has each of them.
func TestUnavailableListsPlaces(t *testing.T) {
	if os.Getenv("THINNET_CUDA_CHILD") != "" {
		_, err := Count()
		t.Logf("error: %v", err)
		return
	}
	out := elsewhere(t, "THINNET_CUDA_LIBRARY=")
	if strings.Contains(out, "error: <nil>") {
		t.Skip("there is a driver")
	}
	for _, place := range []string{"libcuda.so.1: cannot open", "/usr/lib/wsl/lib/libcuda.so.1: cannot open", "/usr/local/nvidia/lib64/libcuda.so.1: cannot open"} {
		if !strings.Contains(out, place) {
			t.Errorf("%s, want %q in it", out, place)
		}
	}
}

func TestProductsSayWhyThereIsNoCuBLAS(t *testing.T) {
	if os.Getenv("THINNET_CUDA_CHILD") != "" {
		v := device(t)
		t.Log(v.Products())
		within(t, v, func(*Stream) error { return v.AllowTF32(true) })
		return
	}
	fakeDriver(t)
	if p := device(t).Products(); p != "cuBLAS 13.0.0" && os.Getenv("THINNET_CUBLAS_LIBRARY") != "" {
		t.Errorf("products are computed by %s, want cuBLAS 13.0.0", p)
	}
	out := elsewhere(t, "THINNET_CUBLAS_LIBRARY=/nowhere/libcublas.so.13")
	if want := "own kernels (cuBLAS can't be opened: /nowhere/libcublas.so.13: cannot open"; !strings.Contains(out, want) {
		t.Errorf("%s, want %q in it", out, want)
	}
}
