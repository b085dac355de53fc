package cuda

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A mistake is one change to a source of kernels that some test must see.
type mistake struct {
	file, old, new string
	kernels        string // the source that is built with it
	test           string
}

var mistakes = map[string]mistake{
	"nothing is wrong": {
		"", "", "", "gemm.cu", "TestOwnGemm"},
	"a barrier is missing after the results of warps are stored": {
		"reduce.h", "parts[TID / 32] = v;\n  SYNC();", "parts[TID / 32] = v;", "nll.cu", "TestSumOfBlocks"},
	"a barrier is missing before the results of warps are stored again": {
		"reduce.h", "  SYNC(); // until the last call has been read\n", "", "nll.cu", "TestSumOfBlocks"},
	"a barrier is missing before a tile is read": {
		"tile.h", "    SYNC();\n", "", "gemm.cu", "TestOwnGemm"},
	"some threads miss a barrier": {
		"tile.h", "    SYNC();\n", "    if (TID > 0) SYNC();\n", "gemm.cu", "TestOwnGemm"},
	"a kernel with barriers begins as one without": {
		"nll.cu", "KERNEL_SYNC(nll_mean_join", "KERNEL(nll_mean_join", "nll.cu", "TestSumOfBlocks"},
	"arguments are swapped": {
		"elementwise.cu", "KERNEL(relu, float* __restrict__ y, const float* __restrict__ x,", "KERNEL(relu, const float* __restrict__ x, float* __restrict__ y,", "elementwise.cu", "TestReLU"},
	"a parameter has another size than in PTX": {
		"elementwise.cu", "KERNEL(relu, float* __restrict__ y, const float* __restrict__ x, i32 n)", "KERNEL(relu, float* __restrict__ y, const float* __restrict__ x, i64 n)", "elementwise.cu", "TestReLU"},
	"the last elements are not left out": {
		"four.h", "if (e + 4 <= n) {\n    *", "if (e < n) {\n    *", "elementwise.cu", "TestTail"},
}

// With the fake driver built from sources with a mistake, a test fails.
func TestMistakesAreSeen(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the fake driver")
	}
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip(err)
	}
	fakeDriver(t)
	dir := t.TempDir()
	build := func(source, object string) {
		t.Helper()
		c := exec.Command("g++", "-x", "c++", "-std=c++17", "-O1", "-fPIC", "-ffp-contract=off", "-mfma", "-fno-strict-aliasing", "-DTHINNET_HOST", "-Wno-unknown-pragmas", "-c", source, "-o", object)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", source, err, out)
		}
	}
	here := filepath.Join(dir, "right")
	copied(t, here, "", "", "")
	for _, name := range []string{"emu", "driver"} {
		build(filepath.Join(here, "fake", name+".cpp"), filepath.Join(dir, name+".o"))
	}
	for what, m := range mistakes {
		t.Run(what, func(t *testing.T) {
			at := t.TempDir()
			copied(t, at, m.file, m.old, m.new)
			build(filepath.Join(at, "kernels", m.kernels), filepath.Join(at, "kernels.o"))
			library := filepath.Join(at, "libcuda.so.1")
			link := exec.Command("g++", "-shared", filepath.Join(at, "kernels.o"), filepath.Join(dir, "emu.o"), filepath.Join(dir, "driver.o"), "-o", library)
			if out, err := link.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			test := exec.Command(os.Args[0], "-test.run", "^"+m.test+"$")
			test.Env = append(os.Environ(), "THINNET_CUDA=require", "THINNET_CUDA_LIBRARY="+library)
			out, err := test.CombinedOutput()
			if (err == nil) != (m.file == "") {
				t.Errorf("%s says: %v\n%s", m.test, err, out)
			}
		})
	}
}

// copied makes a copy of the sources with one of them changed.
func copied(t *testing.T, to, file, old, new string) {
	t.Helper()
	for _, pattern := range []string{"kernels/*.h", "kernels/*.cu", "fake/*.h", "fake/*.cpp"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v, error %v", pattern, names, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Base(name) == file {
				if !bytes.Contains(text, []byte(old)) {
					t.Fatalf("%s has no %q", file, old)
				}
				text = []byte(strings.ReplaceAll(string(text), old, new))
			}
			path := filepath.Join(to, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
