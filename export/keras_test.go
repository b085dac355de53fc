package export_test

import (
	"fmt"
	"log"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// The files here are in Keras's names and layouts, with outputs by its formulas:
// testdata/interop/keras_files.py.
func kerasFile(name string) string { return filepath.Join("testdata", "keras", name) }

func kerasMLP(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 5))
	return nodes.Linear(s.In("fc2"), x, 3)
}

func kerasCNN(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Conv2D(s.In("conv1"), x, 3, 3, nodes.Same())
	x = nodes.MaxPool2D(nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x, nodes.Eps(1e-3))), 2)
	return kerasMLP(s, nodes.Flatten(x))
}

func kerasSequences(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Embedding(s.In("words"), x, 7, 4)
	x = nodes.LSTM(s.In("lstm"), x, 3, nodes.Layers(2)).Output
	x = nodes.LSTM(s.In("both"), x, 2, nodes.Bidirectional()).Output
	x = nodes.GRU(s.In("gru"), x, 3).Output
	return nodes.Linear(s.In("fc"), nodes.RNN(s.In("rnn"), x, 1).Last(), 2)
}

// xy returns the input and the output of a model; maps with their channels first.
func xy(t *testing.T, name string) (x, y *tensor.Dense) {
	t.Helper()
	ts, err := export.ReadNPZ(kerasFile(name + "_xy.npz"))
	if err != nil {
		t.Fatal(err)
	}
	x, y = ts[0].Value, ts[1].Value
	if x.Dims() == 4 {
		if err := x.T(0, 3, 1, 2); err != nil {
			t.Fatal(err)
		}
		x = tensor.New(tensor.WithShape(x.Shape().Clone()...), tensor.WithBacking(
			x.Materialize().(*tensor.Dense).Data()))
	}
	return x, y
}

// The outputs were computed in float64.
const kerasTolerance = 1e-5

func TestLoadKeras(t *testing.T) {
	for name, c := range map[string]struct {
		f    graph.Func
		opts []export.LoadOption
	}{
		"mlp":       {kerasMLP, nil},
		"cnn":       {kerasCNN, []export.LoadOption{export.Flattened("fc1.weight", 2, 3, 3)}},
		"sequences": {kerasSequences, nil},
	} {
		x, y := xy(t, name)
		m, err := graph.Build(c.f, x.Shape(), graph.Seed(1))
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		if err := export.LoadKeras(m, kerasFile(name+".npz"), c.opts...); err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		got, err := m.Predict(x)
		if err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		for i, want := range y.Float32s() {
			if g := got.Float32s()[i]; math.Abs(float64(g-want)) > kerasTolerance {
				t.Errorf("%s: output %d is %v, want %v to within %v", name, i, g, want, kerasTolerance)
			}
		}
	}
}

func TestLoadKerasByName(t *testing.T) {
	m, err := graph.Build(kerasMLP, graph.Shape{4, 6})
	if err != nil {
		t.Fatal(err)
	}
	path := kerasFile("mlp.npz")
	byTable := export.RenameTable(map[string]string{"dense": "fc1", "dense_1": "fc2"})
	if err := export.LoadKeras(m, path, byTable); err != nil {
		t.Fatal(err)
	}
	err = export.LoadKeras(m, path, export.RenameTable(map[string]string{"dense": "fc2", "dense_1": "fc1"}))
	if err == nil || !strings.Contains(err.Error(), "fc1.weight has shape (3, 5), want (5, 6)") {
		t.Errorf("layers the other way round: got error %v, want one of shapes", err)
	}
	one, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("fc"), x, 5) }, graph.Shape{4, 6})
	if err != nil {
		t.Fatal(err)
	}
	err = export.LoadKeras(one, path)
	if want := "has 2 layers with weights, dense, dense_1, and the model 1, fc: want as many"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("another number of layers: got error %v, want %q", err, want)
	}
	named, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("dense"), x, 5) }, graph.Shape{4, 6})
	if err != nil {
		t.Fatal(err)
	}
	var r export.Loaded
	if err := export.LoadKeras(named, path, export.RenameTable(nil), export.Partial(), export.Report(&r)); err != nil || len(r.Names) != 2 {
		t.Errorf("a part of the layers: loaded %v (%v), want dense.weight and dense.bias", r, err)
	}
}

func ExampleLoadKeras() {
	m, err := graph.Build(kerasCNN, graph.Shape{2, 2, 4, 6})
	if err != nil {
		log.Fatal(err)
	}
	// In Python: numpy.savez("cnn.npz", **{v.path: v.numpy() for v in model.weights})
	// The dense layer behind Flatten saw maps of 2 by 3 pixels, with 3 channels last.
	path := filepath.Join("testdata", "keras", "cnn.npz")
	if err := export.LoadKeras(m, path, export.Flattened("fc1.weight", 2, 3, 3)); err != nil {
		log.Fatal(err)
	}
	for _, w := range m.Weights()[:3] {
		fmt.Println(w.Name, w.Value.Shape())
	}
	// Output:
	// conv1.weight (3, 2, 3, 3)
	// conv1.bias (3)
	// bn1.weight (3)
}
