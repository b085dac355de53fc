package export

import (
	"math"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"gorgonia.org/tensor"
)

// witness runs testdata/numpy_witness.py, or skips the test where no Python
// has NumPy.
func witness(t *testing.T, args ...string) {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import numpy").Run() != nil {
			continue
		}
		out, err := exec.Command(python, append([]string{"testdata/numpy_witness.py"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("numpy_witness.py %s: %v\n%s", args, err, out)
		}
		return
	}
	t.Skip("needs python3 with numpy as a witness")
}

func counted[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](from int64, shape ...int) *tensor.Dense {
	data := make([]T, tensor.Shape(shape).TotalSize())
	for i := range data {
		data[i] = T(int64(i) + from)
	}
	return dense(data, shape...)
}

func quarters[T float32 | float64](shape ...int) *tensor.Dense {
	data := make([]T, tensor.Shape(shape).TotalSize())
	for i := range data {
		data[i] = T(i-3) / 4
	}
	return dense(data, shape...)
}

// witnessed are the arrays that both sides know.
func witnessed() []Tensor {
	bools := make([]bool, 24)
	for i := range bools {
		bools[i] = i%3 == 0
	}
	return []Tensor{
		{"BOOL", dense(bools, 2, 3, 4)},
		{"U8", counted[uint8](0, 2, 3, 4)}, {"U16", counted[uint16](0, 2, 3, 4)},
		{"U32", counted[uint32](0, 2, 3, 4)}, {"U64", counted[uint64](0, 2, 3, 4)},
		{"I8", counted[int8](-3, 2, 3, 4)}, {"I16", counted[int16](-3, 2, 3, 4)},
		{"I32", counted[int32](-3, 2, 3, 4)}, {"I64", counted[int64](-3, 2, 3, 4)},
		{"F32", quarters[float32](2, 3, 4)}, {"F64", quarters[float64](2, 3, 4)},
	}
}

func TestNumPyReads(t *testing.T) {
	dir := t.TempDir()
	transposed := quarters[float32](2, 3)
	if err := transposed.T(); err != nil {
		t.Fatal(err)
	}
	ts := append(witnessed(), Tensor{"scalar", dense([]float32{-0.75})}, Tensor{"größe", dense([]float32{-0.75}, 1)},
		Tensor{"transposed", transposed})
	if err := WriteNPZ(filepath.Join(dir, "go.npz"), ts); err != nil {
		t.Fatal(err)
	}
	if err := WriteSafetensors(filepath.Join(dir, "go.safetensors"), ts, map[string]string{"from": "Gö"}); err != nil {
		t.Fatal(err)
	}
	witness(t, "check", dir)
}

func TestNumPyWrote(t *testing.T) {
	dir := t.TempDir()
	witness(t, "write", dir)

	known := append(witnessed(), Tensor{"F16", quarters[float32](2, 3, 4)})
	sent := []Tensor{{"scalar", dense([]float32{-0.75})}, {"größe", dense([]float32{-0.75}, 1)}}
	for _, k := range known {
		sent = append(sent, k, Tensor{k.Name + ">", k.Value}, Tensor{k.Name + "F", k.Value})
	}
	for _, name := range []string{"stored.npz", "deflated.npz"} {
		got, err := ReadNPZ(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		wantRead(t, got, sent)
	}
	for _, name := range []string{"v1.npy", "v2.npy", "v3.npy"} {
		got, err := ReadNPY(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		wantDense(t, name, got, quarters[float32](2, 3, 4))
	}

	got, meta, err := ReadSafetensors(filepath.Join(dir, "python.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"from": "Python"}; !reflect.DeepEqual(meta, want) {
		t.Errorf("metadata is %v, want %v", meta, want)
	}
	n := len(got) - 2 // halves and widened are last, in the order of the data
	wantRead(t, got[:n], append(known, Tensor{"BF16", quarters[float32](2, 3, 4)}))
	halves, widened := got[n].Value.Float32s(), got[n+1].Value.Float32s()
	if len(halves) != 1<<16 {
		t.Fatalf("got %d halves, want all 65536", len(halves))
	}
	for i, want := range widened {
		// NumPy may quiet a NaN by hardware, so only its being one counts.
		same := math.Float32bits(halves[i]) == math.Float32bits(want)
		if !same && !(want != want && halves[i] != halves[i]) {
			t.Errorf("float16 %#04x: got %v, want %v", i, halves[i], want)
		}
	}
}
