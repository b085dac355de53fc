package train

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"
)

// tensorOf makes a tensor of a slice.
func tensorOf(data any, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

// counting is a data set of n samples, (n, 1), with x = t = index.
func counting(t *testing.T, n int) Dataset {
	t.Helper()
	x, ts := make([]float32, n), make([]int, n)
	for i := range n {
		x[i], ts[i] = float32(i), i
	}
	ds, err := Tensors(tensorOf(x, n, 1), tensorOf(ts, n))
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// wantBatch compares a batch of ds with what it should be, bit for bit.
func wantBatch[X, T comparable](t *testing.T, ds Dataset, indices []int, shape tensor.Shape, x []X, targets []T) {
	t.Helper()
	gotX, gotT, err := ds.Batch(indices)
	if err != nil {
		t.Fatalf("Batch(%v): %+v", indices, err)
	}
	if !gotX.Shape().Eq(shape) {
		t.Errorf("Batch(%v): x has shape %v, want %v", indices, gotX.Shape(), shape)
	}
	if got, ok := gotX.Data().([]X); !ok || !slices.Equal(got, x) {
		t.Errorf("Batch(%v): x is %v, want %v", indices, gotX.Data(), x)
	}
	if got, ok := gotT.Data().([]T); !ok || !slices.Equal(got, targets) {
		t.Errorf("Batch(%v): t is %v, want %v", indices, gotT.Data(), targets)
	}
}

// wantError wants an error that holds all of the parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error is %q, want one with %q", err, part)
		}
	}
}

// writeTemp writes a file in a folder of the test's own.
func writeTemp(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantIndexErrors wants ds, of whatever kind, to refuse what is no index.
func wantIndexErrors(t *testing.T, ds Dataset) {
	t.Helper()
	for _, indices := range [][]int{nil, {-1}, {ds.Len()}, {0, ds.Len() + 5}} {
		if _, _, err := ds.Batch(indices); err == nil {
			t.Errorf("%T: Batch(%v) of %d samples gives no error", ds, indices, ds.Len())
		}
	}
}
