package graph_test

import (
	"math"
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// failNext lets the next call of a function of the driver fail, which the one without a
// device can do.
func failNext(t *testing.T, function string) {
	t.Helper()
	library, err := purego.Dlopen(os.Getenv("THINNET_CUDA_LIBRARY"), purego.RTLD_NOW)
	if err != nil {
		t.Skip("the driver is not the fake one of internal/cuda/fake: THINNET_CUDA_LIBRARY does not name it")
	}
	fail, err := purego.Dlsym(library, "fakeFail")
	if err != nil {
		t.Skipf("the driver is not the fake one of internal/cuda/fake: %v", err)
	}
	name := append([]byte(function), 0)
	purego.SyscallN(fail, uintptr(unsafe.Pointer(&name[0])), 1, 1)
}

// What can't be had from a device is NaN where no error can be returned; the next run
// returns it, and the one after it goes on.
func TestDeviceThatFailsIsToldOfOnCUDA(t *testing.T) {
	m := onCUDA(t, mlp, graph.Shape{6, 5}, graph.Seed(2))
	x, target := rows(6, 5)
	tr := m.Trainer(nodes.CrossEntropy())
	for _, function := range []string{"cuCtxSetCurrent", "cuMemcpyDtoHAsync_v2"} {
		if _, err := tr.Step(x, target); err != nil {
			t.Fatal(err)
		}
		failNext(t, function)
		g := tr.Gradients()[0].Value
		if v := g.Float32s()[0]; !math.IsNaN(float64(v)) {
			t.Errorf("%s fails: a gradient is %v, want NaN", function, v)
		}
		if _, err := tr.Step(x, target); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(function, "_v2")) {
			t.Errorf("%s fails: the next step has error %v, want one that names it", function, err)
		}
	}
	if _, err := tr.Step(x, target); err != nil {
		t.Error(err)
	}
}
