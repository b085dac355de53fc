package thinnet

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// These tests move weights between our models and the same networks written for
// PyTorch, testdata/interop/classic.py. Its reader and writer of safetensors are
// its own.

// classics are the networks by their names there. They take (N, 1, 28, 28).
var classics = map[string]graph.Func{
	"lenet5":      models.LeNet5(10, models.Dropout(0.5)),
	"classic_cnn": models.ClassicCNN(10),
	"mlp":         models.MLP(10, models.Hidden(64, 32)),
}

// python returns a Python that has PyTorch: the one that THINNET_PYTHON names,
// else one of the usual places.
var python = sync.OnceValues(func() (string, error) {
	candidates := []string{"/usr/bin/python3", "python3"}
	if own := os.Getenv("THINNET_PYTHON"); own != "" {
		candidates = []string{own}
	}
	for _, c := range candidates {
		if exec.Command(c, "-c", "import torch, numpy").Run() == nil {
			return c, nil
		}
	}
	return "", errors.Errorf("none of %q imports torch and numpy; set THINNET_PYTHON to a Python that does", candidates)
})

// classic runs classic.py. Without PyTorch the test is skipped, unless
// THINNET_PYTHON promised it.
func classic(t *testing.T, args ...string) {
	t.Helper()
	p, err := python()
	if err != nil && os.Getenv("THINNET_PYTHON") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	out, err := exec.Command(p, append([]string{"testdata/interop/classic.py"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("classic.py %q: %v\n%s", args, err, out)
	}
}

// Outputs are of size 1, and each side adds up its some thousand terms in another
// order. With roundings of 6e-8 in float32 and 1e-16 in float64 the largest
// differences were 2e-7 and 4e-16; the tolerances leave room for other builds of
// PyTorch. What a wrong ε or layout does is far above the second.
const (
	outputTolerance32 = 1e-5
	outputTolerance64 = 1e-12
)

func TestPyTorchReadsOurWeights(t *testing.T) {
	for net, f := range classics {
		t.Run(net, func(t *testing.T) {
			t.Parallel()
			pyTorchReads(t, net, build(t, f, graph.Shape{16, 1, 28, 28}, graph.Seed(1)), outputTolerance32)
		})
	}
	t.Run("classic_cnn in float64", func(t *testing.T) {
		t.Parallel()
		m := build(t, classics["classic_cnn"], graph.Shape{16, 1, 28, 28}, graph.Seed(1), graph.Float64())
		pyTorchReads(t, "classic_cnn", m, outputTolerance64)
	})
}

func pyTorchReads(t *testing.T, net string, m *graph.Model, tolerance float64) {
	fewSteps(t, m)
	x := normal(2, 5, 1, 28, 28)
	got, err := m.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	dir := t.TempDir()
	weights, inputs, outputs := filepath.Join(dir, "weights.safetensors"), filepath.Join(dir, "x.npz"), filepath.Join(dir, "y.npz")
	if err := export.SaveSafetensors(m, weights); err != nil {
		t.Fatalf("%+v", err)
	}
	if err := export.WriteNPZ(inputs, []export.Tensor{{Name: "x", Value: x}}); err != nil {
		t.Fatalf("%+v", err)
	}
	classic(t, "load", weights, inputs, outputs, "--net", net)
	wantClose(t, "output", floats(t, got), floats(t, array(t, outputs)), tolerance, tolerance)
}

// fewSteps trains until every weight and every running statistic has left its
// initial value, which a mix-up of names or layouts might not show.
func fewSteps(t *testing.T, m *graph.Model) {
	t.Helper()
	before := map[string][]float64{}
	for _, w := range m.Weights() {
		before[w.Name] = floats(t, w.Value.Clone().(*tensor.Dense))
	}
	_, err := train.Fit(context.Background(), m, train.Digits(48, 1), nodes.CrossEntropy(), train.SGD(0.1), train.ReportTo(nil))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for _, w := range m.Weights() {
		if reflect.DeepEqual(floats(t, w.Value), before[w.Name]) {
			t.Errorf("%s did not change in training", w.Name)
		}
	}
}

func array(t *testing.T, path string) *tensor.Dense {
	t.Helper()
	ts, err := export.ReadNPZ(path)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return ts[0].Value
}

func TestWeReadPyTorchsWeights(t *testing.T) {
	for net, f := range classics {
		t.Run(net, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			weights, inputs, outputs := filepath.Join(dir, "weights.safetensors"), filepath.Join(dir, "x.npz"), filepath.Join(dir, "y.npz")
			classic(t, "save", weights, inputs, outputs, "--net", net)
			weRead(t, f, weights, inputs, outputs)
		})
	}
	t.Run("architectures", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		classic(t, "small", dir)
		for net, f := range architectures {
			t.Run(net, func(t *testing.T) {
				path := filepath.Join(dir, net)
				weRead(t, f, path+".safetensors", path+"_x.npz", path+"_y.npz")
			})
		}
	})
}

// weRead compares the output of f, with weights that PyTorch wrote, to PyTorch's.
func weRead(t *testing.T, f graph.Func, weights, inputs, outputs string) {
	x := array(t, inputs)
	m := build(t, f, x.Shape(), graph.Seed(1))
	if err := export.LoadSafetensors(m, weights); err != nil {
		t.Fatalf("%+v", err)
	}
	got, err := m.Predict(x)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	wantClose(t, "output", floats(t, got), floats(t, array(t, outputs)), outputTolerance32, outputTolerance32)

	// Written again, it is PyTorch's state_dict, tensor by tensor.
	again := filepath.Join(t.TempDir(), "again.safetensors")
	if err := export.SaveSafetensors(m, again); err != nil {
		t.Fatalf("%+v", err)
	}
	wantSameTensors(t, rawTensors(t, again), rawTensors(t, weights))
}

// A rawTensor is one of a safetensors file, read here without package export.
type rawTensor struct {
	Dtype   string
	Shape   []int
	Offsets [2]int `json:"data_offsets"`
	data    []byte
}

func rawTensors(t *testing.T, path string) map[string]rawTensor {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := 8 + binary.LittleEndian.Uint64(file)
	var header map[string]json.RawMessage
	if err := json.Unmarshal(file[8:size], &header); err != nil {
		t.Fatal(err)
	}
	out := map[string]rawTensor{}
	for name, text := range header {
		if name == "__metadata__" {
			continue
		}
		var r rawTensor
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		r.data = file[size:][r.Offsets[0]:r.Offsets[1]]
		out[name] = r
	}
	return out
}

func wantSameTensors(t *testing.T, got, want map[string]rawTensor) {
	t.Helper()
	for name, w := range want {
		g, found := got[name]
		switch {
		case !found:
			t.Errorf("%s is missing, want %s of shape %v", name, w.Dtype, w.Shape)
		case g.Dtype != w.Dtype || !reflect.DeepEqual(g.Shape, w.Shape):
			t.Errorf("%s is %s of shape %v, want %s of shape %v", name, g.Dtype, g.Shape, w.Dtype, w.Shape)
		case !bytes.Equal(g.data, w.data):
			t.Errorf("%s has other bytes than PyTorch's", name)
		}
	}
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("%s is no tensor of PyTorch's", name)
		}
	}
}
