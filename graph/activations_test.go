package graph_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

func TestActivations(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = regularize.Dropout(s.In("drop"), nodes.Tanh(nodes.Linear(s.In("fc1"), x, 4)), 0.5)
		return nodes.Linear(s.In("fc2"), x, 3)
	}, graph.Shape{2, 5}, graph.Seed(1))
	if err != nil {
		t.Fatal(err)
	}
	tr := m.Trainer(nodes.CrossEntropy())
	if err := tr.Activations(func(string, string, *tensor.Dense) error { return nil }); err == nil || !strings.Contains(err.Error(), "call Step first") {
		t.Errorf("got error %v before the first step", err)
	}
	x := tensor.New(tensor.WithShape(2, 5), tensor.WithBacking([]float32{1, 2, 3, 4, 5, -1, 0, 1, 0, 2}))
	r, err := tr.Step(x, tensor.New(tensor.WithShape(2), tensor.WithBacking([]int{0, 2})))
	if err != nil {
		t.Fatal(err)
	}
	output := slices.Clone(r.Output.Float32s())
	var gradients []float32
	for _, g := range tr.Gradients() {
		gradients = append(gradients, g.Value.Float32s()...)
	}
	var paths []string
	var last, hidden []float32
	err = tr.Activations(func(path, node string, y *tensor.Dense) error {
		paths = append(paths, path+" "+node)
		last = slices.Clone(y.Float32s())
		if path == "drop" {
			hidden = last
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(paths, "drop Dropout(p=0.5)") || paths[len(paths)-1] != "fc2 Linear" || !slices.Equal(last, output) {
		t.Errorf("got layers %q and output %v, want %v at the end", paths, last, output)
	}
	if !slices.ContainsFunc(hidden, func(v float32) bool { return v == 0 }) || !slices.ContainsFunc(hidden, func(v float32) bool { return math.Abs(float64(v)) > 0 }) {
		t.Errorf("after dropout there is %v, want the masks of the step", hidden)
	}
	var after []float32
	for _, g := range tr.Gradients() {
		after = append(after, g.Value.Float32s()...)
	}
	if !slices.Equal(gradients, after) {
		t.Error("the gradients have changed")
	}
	broken := errors.New("broken")
	if err := tr.Activations(func(string, string, *tensor.Dense) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
	if err := tr.Activations(func(string, string, *tensor.Dense) error { panic("oops") }); err == nil || !strings.Contains(err.Error(), "oops") {
		t.Errorf("got error %v for a panic", err)
	}
	if err := tr.Activations(nil); err == nil {
		t.Error("nil is no error")
	}
}
