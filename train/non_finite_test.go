package train

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// lineOf is a model of one weight w, which starts as 0.8, and its data: y = w·x. In the
// fifth of eight samples x is bad.
func lineOf(t *testing.T, bad float32) (*graph.Model, Dataset) {
	t.Helper()
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), x, 1, nodes.NoBias())
	}, graph.Shape{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	m.Weights()[0].Value.Float32s()[0] = 0.8
	x, y := []float32{1, 2, 3, 4, bad, 6, 7, 8}, make([]float32, 8)
	data, err := Tensors(tensor.New(tensor.WithShape(8, 1), tensor.WithBacking(x)), tensor.New(tensor.WithShape(8, 1), tensor.WithBacking(y)))
	if err != nil {
		t.Fatal(err)
	}
	return m, data
}

func TestSkipNonFinite(t *testing.T) {
	for name, bad := range map[string]float32{
		"NaN": float32(math.NaN()), "infinite loss": 1e30,
		"infinite gradients": 2e19, // w·x squared is 2.6e38, and its derivative 6.4e38
	} {
		m, data := lineOf(t, bad)
		var out bytes.Buffer
		steps, skipped := 0, 0
		h, err := Fit(context.Background(), m, data, nodes.MSE(), SGD(1e-4), Epochs(2), ReportTo(&out), SkipNonFinite(2),
			OnStep(func(tr *Training) error { steps, skipped = steps+1, tr.Skipped(); return nil }))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if w := m.Weights()[0].Value.Float32s()[0]; !(w > 0.5 && w < 0.8) {
			t.Errorf("%s: the weight is %v", name, w)
		}
		if m.Step() != 16 || steps != 14 || skipped != 2 || h.Last().Samples != 7 || math.IsNaN(h.Last().Loss) {
			t.Errorf("%s: got %d steps, %d told to callbacks, %d left out, an epoch of %d samples with loss %v",
				name, m.Step(), steps, skipped, h.Last().Samples, h.Last().Loss)
		}
		if n := strings.Count(out.String(), "is left out"); n != 2 {
			t.Errorf("%s: it reports %q", name, out.String())
		}
		m, data = lineOf(t, bad)
		_, err = Fit(context.Background(), m, data, nodes.MSE(), SGD(1e-4), Epochs(2), ReportTo(nil), SkipNonFinite(1))
		if err == nil || !strings.Contains(err.Error(), "2 steps that are not finite, want at most 1") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	m, data := lineOf(t, 5)
	if _, err := Fit(context.Background(), m, data, nodes.MSE(), SGD(1e-4), SkipNonFinite(-1)); err == nil || !strings.Contains(err.Error(), "SkipNonFinite is -1, want at least 0") {
		t.Errorf("got error %v", err)
	}
}

// The number of steps left out is part of a checkpoint.
func TestSkipNonFiniteGoesOn(t *testing.T) {
	dir, nan := t.TempDir(), float32(math.NaN())
	m, data := lineOf(t, nan)
	if _, err := Fit(context.Background(), m, data, nodes.MSE(), SGD(1e-4), SkipNonFinite(1), Checkpoints(dir), ReportTo(nil)); err != nil {
		t.Fatal(err)
	}
	m, data = lineOf(t, nan)
	_, err := Fit(context.Background(), m, data, nodes.MSE(), SGD(1e-4), Epochs(2), SkipNonFinite(1), Checkpoints(dir), ReportTo(nil))
	if err == nil || !strings.Contains(err.Error(), "2 steps that are not finite") {
		t.Errorf("got error %v", err)
	}
}
