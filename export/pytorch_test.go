package export

import (
	"path/filepath"
	"slices"
	"testing"

	"gorgonia.org/tensor"
)

// The files here are PyTorch's own, by testdata/interop/pytorch_files.py.
func torchFile(name string) string { return filepath.Join("testdata", "pytorch", name) }

func readTorch(t *testing.T, name string) []Tensor {
	t.Helper()
	ts, err := ReadPyTorch(torchFile(name))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return ts
}

// torchTypes are what the files have of each type, by the script's formula.
func torchTensors() []Tensor {
	var out []Tensor
	for _, x := range witnessed() {
		if !slices.Contains([]string{"U16", "U32", "U64"}, x.Name) {
			out = append(out, x)
		}
	}
	flat := quarters[float32](24)
	return append(out,
		Tensor{"F16", quarters[float32](2, 3, 4)}, Tensor{"BF16", quarters[float32](2, 3, 4)},
		Tensor{"scalar", dense([]float64{-0.75})}, Tensor{"one", dense([]float32{-0.75}, 1)},
		Tensor{"turned", dense([]float32{-0.75, 0, -0.5, 0.25, -0.25, 0.5}, 3, 2)},
		Tensor{"permuted", dense([]float32{
			-0.75, 0.25, 1.25, 2.25, 3.25, 4.25, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5,
			-0.25, 0.75, 1.75, 2.75, 3.75, 4.75, 0, 1, 2, 3, 4, 5,
		}, 4, 2, 3)},
		Tensor{"parameter", quarters[float32](2, 3)},
		Tensor{"flat", flat}, Tensor{"tied", flat},
		Tensor{"row", dense(flat.Float32s()[12:18], 6)}, Tensor{"column", dense([]float32{0.5, 2, 3.5, 5}, 4)},
	)
}

func TestPyTorchTypes(t *testing.T) {
	for _, name := range []string{"types.pt", "protocol4.pt", "pytorch2.pt"} {
		wantRead(t, readTorch(t, name), torchTensors())
	}
	wantRead(t, readTorch(t, "big.pt"), []Tensor{{"F32", quarters[float32](2, 3, 4)}})
	wantRead(t, readTorch(t, "unsigned.pt"), []Tensor{{"U16", counted[uint16](0, 2, 3, 4)}})
}

// Tied weights are one memory, as in PyTorch.
func TestPyTorchSharesStorages(t *testing.T) {
	values := map[string]*tensor.Dense{}
	for _, x := range readTorch(t, "types.pt") {
		values[x.Name] = x.Value
	}
	values["flat"].Float32s()[12] = 42
	for name, want := range map[string]float32{"tied": values["tied"].Float32s()[12], "row": values["row"].Float32s()[0]} {
		if want != 42 {
			t.Errorf("%s has %v after a write to the storage, want 42", name, want)
		}
	}
}

func TestPyTorchCheckpoint(t *testing.T) {
	var names []string
	ts := readTorch(t, "checkpoint.pt")
	for _, x := range ts {
		names = append(names, x.Name)
	}
	want := []string{"model.0.weight", "model.0.bias", "model.1.weight", "model.1.bias",
		"model.1.running_mean", "model.1.running_var", "model.1.num_batches_tracked",
		"optimizer.state.0.step", "optimizer.state.0.exp_avg", "optimizer.state.0.exp_avg_sq"}
	if len(names) != 7+4*3 || !slices.Equal(names[:len(want)], want) {
		t.Errorf("got %q, want 19 that begin with %q", names, want)
	}
	wantDense(t, names[0], ts[0].Value, quarters[float32](3, 2))
}

func TestPyTorchRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"legacy.pt":   "is of the format before PyTorch 1.6, want that of 1.6 and later: in Python, torch.save(torch.load(old), new)",
		"plain.pt":    "is a pickle alone, want an archive that torch.save wrote",
		"script.pt":   "is a TorchScript model, want its state_dict(), saved by torch.save",
		"module.pt":   `data.pkl: byte 2: refuses "torch.nn.modules.linear.Linear": only tensors are read; of a model, save its state_dict()`,
		"evil.pt":     `refuses "posix.system": only tensors are read`,
		"complex.pt":  `elements are those of "torch.ComplexFloatStorage", want bool, an integer or a real float`,
		"expanded.pt": "tensor of shape [1000] and strides [0] at 0 does not fit a storage of 1 elements",
		"empty.pt":    `tensor "x": shape [0 3] has no elements, want at least one`,
	} {
		ts, err := ReadPyTorch(torchFile(name))
		wantError(t, name, err, torchFile(name)+": ", want)
		if ts != nil {
			t.Errorf("%s: got %v, want nil", name, ts)
		}
	}
}
