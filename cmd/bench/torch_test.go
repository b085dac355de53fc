package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// With the weights of ours, PyTorch's networks have the same output and loss, and
// after an update the same output again: their gradients are equal too.
func TestPyTorchComputesTheSame(t *testing.T) {
	python := os.Getenv("THINNET_PYTHON")
	if python == "" {
		python = "/usr/bin/python3"
		if exec.Command(python, "-c", "import torch, numpy").Run() != nil {
			t.Skip("no PyTorch; set THINNET_PYTHON to a Python that has it")
		}
	}
	for _, n := range networks {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			weights, inputs, outputs := filepath.Join(dir, "weights.safetensors"), filepath.Join(dir, "in.npz"), filepath.Join(dir, "out.npz")
			m, _, err := n.build(3)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			x, target := batch(m.Shape())
			if err := export.SaveSafetensors(m, weights); err != nil {
				t.Fatalf("%+v", err)
			}
			if err := export.WriteNPZ(inputs, []export.Tensor{{Name: "x", Value: x}, {Name: "target", Value: int64s(target)}}); err != nil {
				t.Fatalf("%+v", err)
			}
			if out, err := exec.Command(python, "../../bench/torch_check.py", n.name, weights, inputs, outputs).CombinedOutput(); err != nil {
				t.Fatalf("torch_check.py: %v\n%s", err, out)
			}

			tr := m.Trainer(nodes.CrossEntropy(), graph.InMode(graph.Eval))
			r, err := tr.Step(x, target)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			y := r.Output.Clone().(*tensor.Dense)
			if err := tr.Update(train.SGD(0.1)); err != nil {
				t.Fatalf("%+v", err)
			}
			again, err := m.Predict(x)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			if !differ(again.Float32s(), y.Float32s()) {
				t.Error("the update changes too little to compare gradients by")
			}
			theirs, err := export.ReadNPZ(outputs)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			ours := map[string][]float32{"y": y.Float32s(), "loss": {float32(r.Loss)}, "again": again.Float32s()}
			for _, want := range theirs {
				wantNear(t, want.Name, ours[want.Name], want.Value.Float32s())
			}
		})
	}
}

// Each side adds up in its own order, and what that rounds goes through up to 16
// layers; a layer that is wrong shows in the second digit.
const tolerance = 1e-4

func wantNear(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d elements, want %d", what, len(got), len(want))
	}
	largest := 1.0
	for _, v := range want {
		largest = max(largest, math.Abs(float64(v)))
	}
	for i := range got {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= tolerance*largest) {
			t.Errorf("%s[%d] is %v, want %v within %v", what, i, got[i], want[i], tolerance*largest)
		}
	}
}

// differ says whether more lies between two outputs than the tolerance hides.
func differ(a, b []float32) bool {
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 50*tolerance {
			return true
		}
	}
	return false
}

func int64s(d *tensor.Dense) *tensor.Dense {
	out := make([]int64, d.Shape().TotalSize())
	for i, v := range d.Ints() {
		out[i] = int64(v)
	}
	return tensor.New(tensor.WithShape(d.Shape()...), tensor.WithBacking(out))
}
