package export_test

import (
	"fmt"
	"log"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// product multiplies x by two parameters and keeps a state and a counter, as
// batch normalisation does.
func product(init graph.Init) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		scale := s.In("scale").Param("weight", graph.Shape{2, 3}, init)
		s.In("scale").Param("bias", graph.Shape{}, init)
		s.In("bn").State("running_mean", graph.Shape{3}, init)
		s.In("bn").Counter("num_batches_tracked")
		return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(in[0], in[1])
		}, x, scale)
	}
}

func build(t *testing.T, fn graph.Func, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(fn, graph.Shape{2, 3}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// values returns the elements of all weights.
func values(m *graph.Model) map[string]any {
	out := map[string]any{}
	for _, w := range m.Weights() {
		out[w.Name] = w.Value.Clone().(*tensor.Dense).Data()
	}
	return out
}

type format struct {
	name string
	save func(*graph.Model, string) error
	load func(*graph.Model, string, ...export.LoadOption) error
}

func formats() []format {
	return []format{
		{"safetensors", export.SaveSafetensors, export.LoadSafetensors},
		{"NPZ", export.SaveNPZ, export.LoadNPZ},
	}
}

func TestModelRoundTrip(t *testing.T) {
	for _, f := range formats() {
		path := filepath.Join(t.TempDir(), "weights")
		from := build(t, product(graph.Uniform(-1, 1)), graph.Seed(1))
		from.Weights()[3].Value.Set(0, int64(7))
		if err := f.save(from, path); err != nil {
			t.Fatal(err)
		}
		to := build(t, product(graph.Zeros()))
		if err := f.load(to, path); err != nil {
			t.Fatal(err)
		}
		got, want := values(to), values(from)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", f.name, got, want)
		}
		if got["bn.num_batches_tracked"] != int64(7) {
			t.Errorf("%s: counter is %v, want 7", f.name, got["bn.num_batches_tracked"])
		}

		// The weights are live: what was loaded is what predicts.
		y, err := to.Predict(tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 1, 1, 1, 1, 1})))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(y.Data(), want["scale.weight"]) {
			t.Errorf("%s: predicted %v, want %v", f.name, y.Data(), want["scale.weight"])
		}
	}
}

func TestModelPrecision(t *testing.T) {
	for _, f := range formats() {
		path := filepath.Join(t.TempDir(), "weights")
		if err := f.save(build(t, product(graph.Constant(0.1)), graph.Float64()), path); err != nil {
			t.Fatal(err)
		}
		to := build(t, product(graph.Zeros()))
		if err := f.load(to, path); err != nil {
			t.Fatal(err)
		}
		if got, want := values(to)["scale.bias"], float32(0.1); got != want {
			t.Errorf("%s: got %v, want %v", f.name, got, want)
		}
	}
}

func TestModelMismatch(t *testing.T) {
	other := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return product(graph.Ones())(s.In("model"), x)
	}
	for _, f := range formats() {
		path := filepath.Join(t.TempDir(), "weights")
		if err := f.save(build(t, other), path); err != nil {
			t.Fatal(err)
		}
		to := build(t, product(graph.Zeros()))
		before := values(to)
		err := f.load(to, path)
		if err == nil {
			t.Fatalf("%s: got no error", f.name)
		}
		for _, want := range []string{path, "missing from the file: scale.weight, scale.bias, ", "unexpected in the file: model."} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got error %q, want it to say %q", f.name, err, want)
			}
		}
		if got := values(to); !reflect.DeepEqual(got, before) {
			t.Errorf("%s: got %v after a failed load, want %v", f.name, got, before)
		}
		trim := export.Rename(func(name string) string { return strings.TrimPrefix(name, "model.") })
		if err := f.load(to, path, trim); err != nil {
			t.Error(err)
		}
	}
}

func ExampleLoadSafetensors() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "model.safetensors")

	trained, err := graph.Build(product(graph.Ones()), graph.Shape{2, 3})
	if err != nil {
		log.Fatal(err)
	}
	if err := export.SaveSafetensors(trained, path); err != nil {
		log.Fatal(err)
	}

	fresh, err := graph.Build(product(graph.Zeros()), graph.Shape{2, 3})
	if err != nil {
		log.Fatal(err)
	}
	if err := export.LoadSafetensors(fresh, path); err != nil {
		log.Fatal(err)
	}
	for _, w := range fresh.Weights() {
		fmt.Println(w.Name, w.Value.Shape(), w.Value.Data())
	}
	// Output:
	// scale.weight (2, 3) [1 1 1 1 1 1]
	// scale.bias () 1
	// bn.running_mean (3) [1 1 1]
	// bn.num_batches_tracked () 0
}
