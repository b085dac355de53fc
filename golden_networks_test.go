package thinnet

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

// A trained is a case of networks.json or architectures.json in testdata/golden: how PyTorch trained a
// network. See the README there.
type trained struct {
	Name string
	Loss struct {
		Name           string
		LabelSmoothing float64 `json:"label_smoothing"`
	}
	Optimizer struct {
		Name     string
		LR       float64
		Momentum float64
		Betas    [2]float64
		Eps      float64
	}
	Inputs        []goldenTensor
	Target        goldenTensor
	Before, After map[string]goldenTensor // After may be left out
	Losses        []float64
	Output        goldenTensor `json:"output_eval_after"`
}

type goldenTensor struct {
	Shape graph.Shape
	Dtype string // empty for float64
	Data  []float64
}

func (g goldenTensor) dense() *tensor.Dense {
	shape := tensor.WithShape(g.Shape...)
	if g.Dtype != "int64" {
		return tensor.New(shape, tensor.WithBacking(slices.Clone(g.Data)))
	}
	ints := make([]int64, len(g.Data))
	for i, v := range g.Data {
		ints[i] = int64(v)
	}
	return tensor.New(shape, tensor.WithBacking(ints))
}

// classes are class indices as our losses take them.
func (g goldenTensor) classes() *tensor.Dense {
	out := make([]int, len(g.Data))
	for i, v := range g.Data {
		out[i] = int(v)
	}
	return tensor.New(tensor.WithShape(g.Shape...), tensor.WithBacking(out))
}

// goldenNetworks are the networks of networks.py by the names of the cases.
var goldenNetworks = map[string]graph.Func{
	"convnet_sgd": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), nodes.Conv2D(s.In("conv1"), x, 4, 3, nodes.Pad(1))))
		x = nodes.ReLU(nodes.Conv2D(s.In("conv2"), nodes.MaxPool2D(x, 2), 6, 3))
		return nodes.Linear(s.In("fc"), nodes.Flatten(x), 3)
	},
	"mlp_adam": func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.GELU(nodes.LayerNorm(s.In("ln1"), nodes.Linear(s.In("fc1"), x, 16)))
		return nodes.Linear(s.In("fc2"), x, 4)
	},
}

// All numbers are of size 1, and training carries rounding along. The largest
// differences were 5e-16 in float64 and 3e-7 in float32; the tolerances leave
// room for golden files of another build of PyTorch.
const (
	trainedTolerance64 = 1e-12
	trainedTolerance32 = 1e-5
)

func TestNetworksTrainAsInPyTorch(t *testing.T) {
	for _, c := range trainings(t, "testdata/golden/networks.json") {
		net := goldenNetworks[c.Name]
		t.Run(c.Name+"/float64", func(t *testing.T) { c.check(t, net, trainedTolerance64, graph.Float64()) })
		t.Run(c.Name+"/float32", func(t *testing.T) { c.check(t, net, trainedTolerance32) })
	}
}

// trainings reads a file of them.
func trainings(t *testing.T, path string) []trained {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []trained }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Errorf("%s has no cases", path)
	}
	return file.Cases
}

func (c trained) check(t *testing.T, net graph.Func, tolerance float64, opts ...graph.Option) {
	m := build(t, net, c.Inputs[0].Shape, opts...)
	c.start(t, m)
	optimiser := c.optimiser(t)
	if c.Loss.Name != "CrossEntropy" {
		t.Fatalf("the loss is %s, want CrossEntropy", c.Loss.Name)
	}
	tr := m.Trainer(nodes.CrossEntropy(nodes.LabelSmoothing(c.Loss.LabelSmoothing)))
	var losses []float64
	for range c.Losses {
		r, err := tr.Step(c.Inputs[0].dense(), c.Target.classes())
		if err != nil {
			t.Fatalf("%+v", err)
		}
		losses = append(losses, r.Loss)
		if err := tr.Update(optimiser); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	wantClose(t, "losses", losses, c.Losses, tolerance, tolerance)
	for _, w := range m.Weights() {
		if c.After == nil {
			break
		}
		wantClose(t, w.Name, floats(t, w.Value), c.After[w.Name].Data, tolerance, tolerance)
	}
	y, err := m.Predict(c.Inputs[0].dense())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	wantClose(t, "output in evaluation", floats(t, y), c.Output.Data, tolerance, tolerance)
}

// start gives the model PyTorch's weights; a name or a shape that differs is an
// error.
func (c trained) start(t *testing.T, m *graph.Model) {
	t.Helper()
	var ours, theirs []export.Tensor
	for _, w := range m.Weights() {
		ours = append(ours, export.Tensor{Name: w.Name, Value: w.Value})
	}
	for name, g := range c.Before {
		theirs = append(theirs, export.Tensor{Name: name, Value: g.dense()})
	}
	if err := export.Match(ours, theirs); err != nil {
		t.Fatalf("%+v", err)
	}
}

func (c trained) optimiser(t *testing.T) *train.Optimizer {
	t.Helper()
	o := c.Optimizer
	switch o.Name {
	case "SGD":
		return train.SGD(o.LR, train.Momentum(o.Momentum))
	case "Adam":
		return train.Adam(o.LR, train.Betas(o.Betas[0], o.Betas[1]), train.Eps(o.Eps))
	}
	t.Fatalf("the optimiser is %s, want SGD or Adam", o.Name)
	return nil
}
