package graph_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/cuda/cudatest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// onCUDA builds a model on CUDA device 0, or skips the test where there is none. With
// THINNET_CUDA=require that is a failure.
func onCUDA(t testing.TB, fn graph.Func, shape graph.Shape, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(fn, shape, append(opts, graph.On(graph.CUDA(0)))...)
	cudatest.Check(t, err)
	return m
}

// twin builds the same model on the CPU.
func twin(t testing.TB, fn graph.Func, shape graph.Shape, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(fn, shape, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mlp(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 16))
	return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, 0.25), 3)
}

// rows are n samples of so many features, and their classes.
func rows(n, features int) (x, target *tensor.Dense) {
	data, classes := make([]float32, n*features), make([]int, n)
	for i := range data {
		data[i] = float32(math.Sin(float64(3 * i)))
	}
	for i := range classes {
		classes[i] = i % 3
	}
	return tensor.New(tensor.WithShape(n, features), tensor.WithBacking(data)), tensor.New(tensor.WithShape(n), tensor.WithBacking(classes))
}

func wantNear(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if d := math.Abs(float64(got[i] - w)); !(d <= 1e-5*(1+math.Abs(float64(w)))) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], w)
		}
	}
}

// wantSamePrediction compares what two models make of x, and returns it.
func wantSamePrediction(t *testing.T, on, off *graph.Model, x *tensor.Dense) *tensor.Dense {
	t.Helper()
	got, err := on.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	want, err := off.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	wantNear(t, "prediction", got.Float32s(), want.Float32s())
	return want
}

// wantSameWeights compares two models.
func wantSameWeights(t *testing.T, what string, got, want *graph.Model) {
	t.Helper()
	ws := want.Weights()
	for i, g := range got.Weights() {
		if g.Value.Dtype() == tensor.Float32 {
			wantNear(t, what+": "+g.Name, g.Value.Float32s(), ws[i].Value.Float32s())
		}
	}
}

// Steps, predictions at several batch sizes, weights written to between, and the
// parameters after all of it.
func TestTrainingOnCUDA(t *testing.T) {
	shape := graph.Shape{6, 5}
	on, off := onCUDA(t, mlp, shape, graph.Seed(2)), twin(t, mlp, shape, graph.Seed(2))
	var trainers []*graph.Trainer
	solvers := []*train.Optimizer{train.Adam(0.01), train.Adam(0.01)}
	for _, m := range []*graph.Model{on, off} {
		trainers = append(trainers, m.Trainer(nodes.CrossEntropy()))
	}
	for step := range 6 {
		x, target := rows(6-step%2, 5)
		var losses, outputs []float32
		for i, tr := range trainers {
			r, err := tr.Step(x, target)
			if err != nil {
				t.Fatal(err)
			}
			losses = append(losses, float32(r.Loss))
			if i == 0 {
				outputs = append([]float32(nil), r.Output.Float32s()...)
			} else {
				wantNear(t, "output of a step", outputs, r.Output.Float32s())
			}
		}
		wantNear(t, "loss", losses[:1], losses[1:])
		for k, g := range trainers[0].Gradients() {
			wantNear(t, "gradient of "+g.Name, g.Value.Float32s(), trainers[1].Gradients()[k].Value.Float32s())
		}
		for i, tr := range trainers {
			if err := tr.Update(solvers[i]); err != nil {
				t.Fatal(err)
			}
		}
		if step == 3 { // what the host writes counts
			for _, m := range []*graph.Model{on, off} {
				if err := m.Exclusively(func() error { return nil }); err != nil {
					t.Fatal(err)
				}
				m.Weights()[0].Value.Float32s()[1] = 0.5
			}
		}
	}
	wantSameWeights(t, "after training", on, off)
	x, _ := rows(4, 5)
	want := wantSamePrediction(t, on, off, x)
	into := make([]float32, 12)
	if err := on.PredictInto(into, x.Float32s()); err != nil {
		t.Fatal(err)
	}
	wantNear(t, "PredictInto", into, want.Float32s())
	got, err := on.Sample(x, 7)
	if err != nil {
		t.Fatal(err)
	}
	if want, err = off.Sample(x, 7); err != nil {
		t.Fatal(err)
	}
	wantNear(t, "Sample", got.Float32s(), want.Float32s())
}

// A batch in pieces, whose running statistics go from piece to piece.
func TestPiecesAndCalibrationOnCUDA(t *testing.T) {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("in"), x, 4)), 3)
	}
	shape := graph.Shape{3, 5}
	on, off := onCUDA(t, net, shape, graph.Seed(2)), twin(t, net, shape, graph.Seed(2))
	x, target := rows(9, 5)
	for _, m := range []*graph.Model{on, off} {
		tr, solver := m.Trainer(nodes.CrossEntropy(), graph.InPieces(3)), train.SGD(0.1)
		for range 3 {
			if _, err := tr.Step(x, target); err != nil {
				t.Fatal(err)
			}
			if err := tr.Update(solver); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantSameWeights(t, "after steps in pieces", on, off)
	for _, m := range []*graph.Model{on, off} {
		err := m.Calibrate(func(yield func(*tensor.Dense, error) bool) {
			for _, n := range []int{4, 7} {
				if x, _ := rows(n, 5); !yield(x, nil) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	wantSameWeights(t, "after calibration", on, off)
	wantSamePrediction(t, on, off, x)
}

// What looks into a run: profiles, activations, values that are not finite.
func TestInspectionOnCUDA(t *testing.T) {
	m := onCUDA(t, mlp, graph.Shape{6, 5}, graph.Seed(2))
	x, target := rows(6, 5)
	tr := m.Trainer(nodes.CrossEntropy())
	if _, err := tr.Step(x, target); err != nil {
		t.Fatal(err)
	}
	if p, err := tr.Profile(); err != nil || len(p) == 0 || p.Total().FLOPs == 0 {
		t.Errorf("a profile of %d operations, error %v", len(p), err)
	}
	seen := 0
	if err := tr.Activations(func(path, node string, y *tensor.Dense) error { seen++; return nil }); err != nil || seen < 4 {
		t.Errorf("%d activations, error %v", seen, err)
	}
	if err := tr.NonFinite(); err != nil {
		t.Errorf("all is finite, and the error is %v", err)
	}
	m.Weights()[2].Value.Float32s()[0] = float32(math.Inf(1))
	if err := tr.NonFinite(); err == nil || !strings.Contains(err.Error(), "fc2.weight") {
		t.Errorf("error %v, want one that names fc2.weight", err)
	}
	var text strings.Builder
	if err := m.Summary(&text); err != nil || !strings.Contains(text.String(), "device: cuda:0, ") {
		t.Errorf("error %v, a summary that does not name the device:\n%s", err, &text)
	}
	if err := m.Freeze([]int{2}, func(f *graph.Frozen) error { return nil }); err != nil {
		t.Errorf("freezing: %v", err)
	}
}

func TestMistakesOnCUDA(t *testing.T) {
	onCUDA(t, mlp, graph.Shape{6, 5})
	expect := func(err error, words ...string) {
		t.Helper()
		for _, w := range words {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("error %v, want one with %q", err, w)
			}
		}
	}
	_, err := graph.Build(mlp, graph.Shape{6, 5}, graph.On(graph.CUDA(0)), graph.Float64())
	expect(err, "float64", "cuda:0", "want float32")
	_, err = graph.Build(mlp, graph.Shape{6, 5}, graph.On(graph.CUDA(99)))
	expect(err, "cuda:99", "there is no device 99")
	stock := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sin(in[0]) }, nodes.Linear(s.In("fc"), x, 3))
	}
	_, err = graph.Build(stock, graph.Shape{6, 5}, graph.On(graph.CUDA(0)))
	expect(err, "has no kernel for CUDA", "build the model on the CPU")
	m := onCUDA(t, mlp, graph.Shape{6, 5})
	tr := m.Trainer(nodes.CrossEntropy())
	x, target := rows(6, 5)
	target.Ints()[4] = 3
	_, err = tr.Step(x, target)
	expect(err, "class")
	target.Ints()[4] = 1
	if _, err := tr.Step(x, target); err != nil {
		t.Errorf("after a mistake: %v", err)
	}
	expect(tr.Update(gorgonia.NewVanillaSolver()), "has no kernel for CUDA", "train.Adam")
	// 4 GiB of activations are more than the device of the tests has.
	wide := func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("wide"), x, 1<<12) }
	m = onCUDA(t, wide, graph.Shape{1, 1})
	x, _ = rows(1<<18, 1)
	if _, err = m.Predict(x); err != nil { // a large device may have them
		expect(err, "out of memory", "wide", "smaller batch")
	}
	x, _ = rows(2, 1)
	if _, err := m.Predict(x); err != nil {
		t.Errorf("at a smaller batch: %v", err)
	}
}

func TestParseDevice(t *testing.T) {
	for text, want := range map[string]string{"cpu": "cpu", "cuda": "cuda:0", "cuda:3": "cuda:3", "auto": "auto"} {
		if d, err := graph.ParseDevice(text); err != nil || d.String() != want {
			t.Errorf("%q is %v, error %v, want %s", text, d, err, want)
		}
	}
	for _, text := range []string{"", "gpu", "cuda:", "cuda:-1", "cuda:x", "CUDA:0", "cuda:99999999"} {
		if _, err := graph.ParseDevice(text); err == nil || !strings.Contains(err.Error(), "want cpu, cuda, cuda:N or auto") {
			t.Errorf("%q: error %v, want one that says what would be right", text, err)
		}
	}
}

// Where CUDA can't be used, a model for any device is one of the CPU.
func TestAutoFallsBack(t *testing.T) {
	m, err := graph.Build(mlp, graph.Shape{2, 5}, graph.On(graph.Auto()), graph.Float64())
	if err != nil {
		t.Fatal(err)
	}
	if d := m.Device(); d != graph.CPU() {
		t.Errorf("the device is %v, want cpu for float64", d)
	}
}

// As on the CPU.
func TestStepOnCUDAAllocatesNothing(t *testing.T) {
	m := onCUDA(t, mlp, graph.Shape{6, 5}, graph.Seed(2))
	x, target := rows(6, 5)
	tr, solver := m.Trainer(nodes.CrossEntropy()), train.Adam(0.01)
	n := testing.AllocsPerRun(50, func() {
		if _, err := tr.Step(x, target); err != nil {
			t.Fatal(err)
		}
		if err := tr.Update(solver); err != nil {
			t.Fatal(err)
		}
	})
	if n > 0 {
		t.Errorf("a step allocates %v times, want 0", n)
	}
}
