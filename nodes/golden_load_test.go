package nodes_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A golden is a case of a file of testdata/golden, what PyTorch computed; its README
// describes the fields.
type golden struct {
	Name       string
	Node       string
	Args       map[string]json.RawMessage
	Mode       string
	Inputs     []*goldenTensor
	Params     map[string]*goldenTensor
	State      map[string]*goldenTensor
	Output     *goldenTensor
	DY         *goldenTensor
	DInputs    []*goldenTensor
	DParams    map[string]*goldenTensor
	StateAfter map[string]*goldenTensor `json:"state_after"`
}

type goldenTensor struct {
	Shape graph.Shape
	Dtype string // empty for float64
	Data  []number
}

// A number may also be what JSON lacks: "nan", "inf" or "-inf".
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = number(v)
	return err
}

func (g *goldenTensor) floats() []float64 {
	out := make([]float64, len(g.Data))
	for i, v := range g.Data {
		out[i] = float64(v)
	}
	return out
}

func (g *goldenTensor) ints() []int {
	out := make([]int, len(g.Data))
	for i, v := range g.Data {
		out[i] = int(v)
	}
	return out
}

var goldens = sync.OnceValues(func() (all []golden, err error) {
	for _, name := range []string{"nodes.json", "attention.json", "batch_norm.json"} {
		cases, err := readGoldens(name)
		if err != nil {
			return nil, err
		}
		all = append(all, cases...)
	}
	return all, nil
})

func readGoldens(name string) ([]golden, error) {
	text, err := os.ReadFile("../testdata/golden/" + name)
	if err != nil {
		return nil, err
	}
	var file struct{ Cases []golden }
	err = json.Unmarshal(text, &file)
	return file.Cases, err
}

// arg returns PyTorch's argument of that name; null is the zero value.
func arg[T any](t *testing.T, g golden, name string) T {
	t.Helper()
	var v T
	raw, ok := g.Args[name]
	if !ok {
		t.Fatalf("%s has no argument %s", g.Name, name)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: argument %s: %v", g.Name, name, err)
	}
	return v
}

// A net applies a node to its inputs.
type net func(s *graph.Scope, in ...*graph.Node) *graph.Node

// A goldenNet returns the net of a case, and the inputs that our node has no
// gradient for although PyTorch's has.
type goldenNet func(t *testing.T, g golden) (apply net, constant []int)

// runGolden holds the nets, one for each golden.Node, to all their cases of nodes.json.
func runGolden(t *testing.T, nets map[string]goldenNet) {
	t.Helper()
	all, err := goldens()
	if err != nil {
		t.Fatal(err)
	}
	runGoldens(t, all, nets)
}

func runGoldens(t *testing.T, all []golden, nets map[string]goldenNet) {
	t.Helper()
	used := map[string]bool{}
	for _, g := range all {
		of := nets[g.Node]
		if of == nil {
			continue
		}
		used[g.Node] = true
		t.Run(g.Name, func(t *testing.T) {
			apply, constant := of(t, g)
			g.check(t, apply, constant, tensor.Float64)
			g.check(t, apply, constant, tensor.Float32)
		})
	}
	for _, node := range slices.Sorted(maps.Keys(nets)) {
		if !used[node] {
			t.Errorf("there is no golden case of %s", node)
		}
	}
}

// check runs a case and compares all that it computes.
func (g golden) check(t *testing.T, apply net, constant []int, dt tensor.Dtype) {
	t.Helper()
	var opts []graph.Option
	mode := map[string]graph.Mode{"train": graph.Train, "eval": graph.Eval}[g.Mode]
	if dt == tensor.Float64 {
		opts = append(opts, graph.Float64())
	}
	m, err := graph.Build(func(s *graph.Scope, _ *graph.Node) *graph.Node {
		in := make([]*graph.Node, len(g.Inputs))
		for i, x := range g.Inputs {
			switch {
			case x.Dtype != "":
				in[i] = s.Ints(x.Shape, x.ints())
			case slices.Contains(constant, i):
				in[i] = s.In("(in)").State(fmt.Sprint(i), x.Shape, graph.Values(x.floats()))
			default:
				in[i] = s.In("(in)").Param(fmt.Sprint(i), x.Shape, graph.Values(x.floats()))
			}
		}
		return apply(s, in...)
	}, graph.Shape{1, 1}, opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	g.setWeights(t, m)
	tr := m.Trainer(dotLoss, graph.InMode(mode))
	r, err := tr.Step(zeros(), tensor.New(tensor.WithShape(1, len(g.DY.Data)), tensor.WithBacking(g.DY.floats())))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	compare(t, "output", r.Output, g.Output)
	for _, grad := range tr.Gradients() {
		want := g.DParams[grad.Name]
		if name, input := strings.CutPrefix(grad.Name, "(in)."); input {
			i, err := strconv.Atoi(name)
			if err != nil {
				t.Fatal(err)
			}
			want = g.DInputs[i]
		}
		compare(t, "gradient of "+grad.Name, grad.Value, want)
	}
	if err := tr.Update(standStill{}); err != nil {
		t.Fatal(err)
	}
	for _, w := range m.Weights() {
		if want, state := g.StateAfter[w.Name]; state {
			compare(t, w.Name+" after the step", w.Value, want)
		}
	}
}

// setWeights gives parameters and state the values of the case.
func (g golden) setWeights(t *testing.T, m *graph.Model) {
	t.Helper()
	values := maps.Clone(g.Params)
	maps.Copy(values, g.State)
	for _, w := range m.Weights() {
		if strings.HasPrefix(w.Name, "(in).") {
			continue
		}
		v := values[w.Name]
		if v == nil {
			t.Fatalf("PyTorch has no weight %s", w.Name)
		}
		delete(values, w.Name)
		if !slices.Equal(w.Value.Shape(), v.Shape) {
			t.Fatalf("%s has shape %v, want PyTorch's %v", w.Name, w.Value.Shape(), v.Shape)
		}
		switch d := w.Value; d.Dtype() {
		case tensor.Float64:
			copy(d.Float64s(), v.floats())
		case tensor.Float32:
			for i, f := range v.floats() {
				d.Float32s()[i] = float32(f)
			}
		case tensor.Int64:
			for i, k := range v.ints() {
				d.Int64s()[i] = int64(k)
			}
		}
	}
	if len(values) > 0 {
		t.Fatalf("the node lacks PyTorch's weights %v", slices.Sorted(maps.Keys(values)))
	}
}

// compare fails if got isn't want. A float64 may differ by 1e-9 of itself, as
// much as another build of PyTorch does, or by 1e-12 of the largest element
// where a sum cancels; in float32 a last bit is 6e-8 and sums have some 100
// terms, so it is 1e-5 of the largest. A tensor of nil is 0.
func compare(t *testing.T, what string, got *tensor.Dense, want *goldenTensor) {
	t.Helper()
	if got == nil {
		got = tensor.New(tensor.WithShape(want.Shape...), tensor.Of(tensor.Float64))
	}
	if !slices.Equal(got.Shape(), want.Shape) {
		t.Errorf("%s has shape %v, want %v", what, got.Shape(), want.Shape)
		return
	}
	largest := 1.0
	for _, v := range want.Data {
		if f := math.Abs(float64(v)); !math.IsInf(f, 0) && !math.IsNaN(f) {
			largest = max(largest, f)
		}
	}
	for i, w := range want.floats() {
		g := at(got, i)
		tolerance := 1e-9*math.Abs(w) + 1e-12*largest
		if got.Dtype() == tensor.Float32 {
			tolerance = 1e-5 * largest
		}
		if g == w || math.IsNaN(g) && math.IsNaN(w) || math.Abs(g-w) <= tolerance {
			continue
		}
		t.Errorf("%s (%v): element %d of %v: got %.17g, want %.17g, tolerance %.2g", what, got.Dtype(), i, want.Shape, g, w, tolerance)
		return
	}
}

func at(d *tensor.Dense, i int) float64 {
	switch d.Dtype() {
	case tensor.Float32:
		return float64(d.Float32s()[i])
	case tensor.Int64:
		return float64(d.Int64s()[i])
	}
	return d.Float64s()[i]
}

func zeros() *tensor.Dense { return tensor.New(tensor.WithShape(1, 1), tensor.Of(tensor.Float64)) }

// standStill is a solver that changes nothing, so that an update only assigns
// running statistics.
type standStill struct{}

func (standStill) Step([]gorgonia.ValueGrad) error { return nil }

// dotLoss is the sum of y times a cotangent.
func dotLoss(y, dy *graph.Node) *graph.Node {
	return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Sum(in[0])
	}, nodes.Mul(nodes.Reshape(y, 1, -1), dy))
}
