package train

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// twoClasses are points in the plane, of class 1 above the line y = x.
func twoClasses(t testing.TB, n int) Dataset {
	t.Helper()
	x, c := make([]float32, 2*n), make([]int, n)
	for i := range n {
		a, b := float32(math.Sin(float64(7*i))), float32(math.Cos(float64(13*i)))
		x[2*i], x[2*i+1] = a, b
		if b > a {
			c[i] = 1
		}
	}
	ds, err := Tensors(tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(x)), tensor.New(tensor.WithShape(n), tensor.WithBacking(c)))
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

func planeNet(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Tanh(nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("fc1"), x, 8)))
	return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, 0.1), 2)
}

func plane(t testing.TB, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(planeNet, graph.Shape{16, 2}, append([]graph.Option{graph.Seed(5)}, opts...)...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

func TestFitLearns(t *testing.T) {
	var out bytes.Buffer
	m := plane(t)
	h, err := Fit(context.Background(), m, twoClasses(t, 500), nodes.CrossEntropy(), Adam(0.02),
		Epochs(6), Validation(twoClasses(t, 100)), Metrics(nodes.Accuracy()), ReportTo(&out),
		WithSchedule(Cosine(InEpochs(6), 0)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if len(h.Epochs) != 6 {
		t.Fatalf("got %d epochs, want 6", len(h.Epochs))
	}
	if v, ok := h.Last().Validation.Score("accuracy"); !ok || v < 0.95 {
		t.Errorf("validation accuracy is %v, want at least 0.95", v)
	}
	if first, last := h.Epochs[0], h.Last(); last.Loss >= first.Loss || last.LearningRate >= first.LearningRate || last.Samples != 500 {
		t.Errorf("first epoch %+v, last %+v: want a lower loss and rate, and 500 samples", first, last)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 6 || !strings.Contains(out.String(), "epoch 6/6  loss ") {
		t.Errorf("got the report\n%s\nwant six lines", out.String())
	}
	e, err := Evaluate(context.Background(), m, twoClasses(t, 100), nodes.CrossEntropy(), nodes.Accuracy())
	if err != nil || e.Loss != h.Last().Validation.Loss || e.Samples != 100 {
		t.Errorf("Evaluate: got %v, %v, want the last validation %v", e, err, *h.Last().Validation)
	}
}

// bits returns all weights of a model.
func bits(m *graph.Model) (out []float64) {
	for _, w := range m.Weights() {
		if w.Value.Dtype() == tensor.Int64 {
			out = append(out, float64(w.Value.Int64s()[0]))
			continue
		}
		out = append(out, float64s(w.Value)...)
	}
	return out
}

func TestFitIsRepeatable(t *testing.T) {
	run := func(threads, prefetch int) []float64 {
		defer pool.SetThreads(pool.Threads())
		pool.SetThreads(threads)
		m := plane(t)
		if _, err := Fit(context.Background(), m, twoClasses(t, 200), nodes.CrossEntropy(), SGD(0.1, Momentum(0.9)),
			Epochs(2), Loading(Prefetch(prefetch)), ReportTo(nil)); err != nil {
			t.Fatal(err)
		}
		return bits(m)
	}
	want := run(1, 0)
	for _, threads := range []int{2, 4} {
		if !slices.Equal(run(threads, 3), want) {
			t.Errorf("%d threads and Prefetch 3 end with other weights than 1 and 0", threads)
		}
	}
}

func TestFitWithAGorgoniaSolver(t *testing.T) {
	m := plane(t)
	h, err := Fit(context.Background(), m, twoClasses(t, 300), nodes.CrossEntropy(), gorgonia.NewAdamSolver(gorgonia.WithLearnRate(0.02)),
		Epochs(4), ReportTo(nil))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if h.Last().Loss >= h.Epochs[0].Loss {
		t.Errorf("the loss went from %v to %v", h.Epochs[0].Loss, h.Last().Loss)
	}
}

func TestFitStopsOnANaN(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.Linear(s.In("fc1"), x, 2, nodes.WeightInit(graph.Constant(1e30)))
		return nodes.Linear(s.In("fc2"), x, 2, nodes.WeightInit(graph.Constant(1e30)))
	}, graph.Shape{16, 2})
	if err != nil {
		t.Fatal(err)
	}
	before := bits(m)
	_, err = Fit(context.Background(), m, twoClasses(t, 64), nodes.CrossEntropy(), SGD(0.1), ReportTo(nil))
	if err == nil || !strings.Contains(err.Error(), "fc2: Linear: element") || !strings.Contains(err.Error(), "train.Fit: epoch 1: batch 1 of 4: the loss is NaN") {
		t.Errorf("got %v, want the node fc2", err)
	}
	if !slices.Equal(bits(m), before) {
		t.Error("the weights have changed")
	}
}

func TestFitStopsOnCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m := plane(t)
	h, err := Fit(ctx, m, twoClasses(t, 64), nodes.CrossEntropy(), SGD(0.1), Epochs(1000), ReportTo(nil),
		OnEpoch(func(e Epoch) error {
			if e.Number == 2 {
				cancel()
			}
			return nil
		}))
	if !errors.Is(err, context.Canceled) || len(h.Epochs) != 2 {
		t.Errorf("got %v after %d epochs, want a cancellation after 2", err, len(h.Epochs))
	}
}

func TestOnEpochMayStop(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct{ ret, want error }{{Stop, nil}, {boom, boom}} {
		h, err := Fit(context.Background(), plane(t), twoClasses(t, 64), nodes.CrossEntropy(), SGD(0.1), Epochs(5), ReportTo(nil),
			OnEpoch(func(Epoch) error { return c.ret }))
		if !errors.Is(err, c.want) || len(h.Epochs) != 1 {
			t.Errorf("returning %v: got %v after %d epochs, want %v after 1", c.ret, err, len(h.Epochs), c.want)
		}
	}
}

func TestFitRefusesBadArguments(t *testing.T) {
	m, ds := plane(t), twoClasses(t, 64)
	loss := nodes.CrossEntropy()
	for want, f := range map[string]func() error{
		"train.Fit: the model is nil":      func() error { _, err := Fit(context.Background(), nil, ds, loss, SGD(1)); return err },
		"train.Fit: the loss is nil":       func() error { _, err := Fit(context.Background(), m, ds, nil, SGD(1)); return err },
		"train.Fit: the optimiser is nil":  func() error { _, err := Fit(context.Background(), m, ds, loss, nil); return err },
		"train.Evaluate: the model is nil": func() error { _, err := Evaluate(context.Background(), nil, ds, loss); return err },
		"train.Evaluate: data set is nil":  func() error { _, err := Evaluate(context.Background(), m, nil, loss); return err },
		"data set is nil":                  func() error { _, err := Fit(context.Background(), m, nil, loss, SGD(1)); return err },
		"Epochs is 0, want at":             func() error { _, err := Fit(context.Background(), m, ds, loss, SGD(1), Epochs(0)); return err },
		"batch is -1, want at":             func() error { _, err := Fit(context.Background(), m, ds, loss, SGD(1), BatchSize(-1)); return err },
		"train.SGD: lr is -1":              func() error { _, err := Fit(context.Background(), m, ds, loss, SGD(-1)); return err },
		"a schedule needs an optimiser of this package, got *gorgonia.VanillaSolver": func() error {
			_, err := Fit(context.Background(), m, ds, loss, gorgonia.NewVanillaSolver(), WithSchedule(Constant()))
			return err
		},
		"train.Cosine: ": func() error {
			_, err := Fit(context.Background(), m, ds, loss, SGD(1), WithSchedule(Cosine(InSteps(0), 0)), ReportTo(nil))
			return err
		},
		"train.Evaluate: the loss is nil": func() error { _, err := Evaluate(context.Background(), m, ds, nil); return err },
		"train.Predict: the model is nil": func() error { _, err := Predict(context.Background(), nil, ds); return err },
		"the number of draws is 0, want at least 1": func() error {
			_, err := PredictMonteCarlo(context.Background(), m, ds, 0)
			return err
		},
		"the input has shape (16, 3), want (batch, 2)": func() error {
			x := tensor.New(tensor.WithShape(16, 3), tensor.Of(tensor.Float32))
			wide, err := Tensors(x, tensor.New(tensor.WithShape(16), tensor.Of(tensor.Int)))
			if err != nil {
				return err
			}
			_, err = Fit(context.Background(), m, wide, loss, SGD(1), ReportTo(nil))
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// Bad validation data is an error before the first step, and a look at good data
// changes nothing.
func TestFitTriesValidationFirst(t *testing.T) {
	ds := twoClasses(t, 64)
	wide, err := Tensors(tensorOf(make([]float32, 48), 16, 3), tensorOf(make([]int, 16), 16))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		val  Dataset
		want string
	}{
		{wide, "train.Fit: validation: batch 1 of 1: the input has shape (16, 3)"},
		{Head(ds, 0), "train.Fit: validation: data set is empty"},
		{Map(ds, nil), "train.Fit: validation: batch 1 of 4: train.Map: sample 0: transform 0 is nil"},
		{Map(nil), "train.Fit: validation: train.Map: data set is nil"},
	} {
		m := plane(t)
		before := bits(m)
		_, err := Fit(context.Background(), m, ds, nodes.CrossEntropy(), SGD(0.1), Validation(c.val), ReportTo(nil))
		wantError(t, err, c.want)
		if !slices.Equal(bits(m), before) {
			t.Errorf("%s: the weights have changed", c.want)
		}
	}
	var got [2][]float64
	for i, opts := range [][]FitOption{nil, {Validation(ds), Metrics(nodes.Accuracy())}} {
		m := plane(t)
		if _, err := Fit(context.Background(), m, ds, nodes.CrossEntropy(), SGD(0.1), append(opts, Epochs(2), ReportTo(nil))...); err != nil {
			t.Fatal(err)
		}
		got[i] = bits(m)
	}
	if !slices.Equal(got[0], got[1]) {
		t.Error("training with validation ends with other weights than without")
	}
}

// What a metric keeps after Fit is of the validation data.
func TestMetricHoldsTheLastValidation(t *testing.T) {
	c := nodes.ConfusionMatrix(2)
	if _, err := Fit(context.Background(), plane(t), twoClasses(t, 64), nodes.CrossEntropy(), SGD(0.1), Validation(twoClasses(t, 40)), Metrics(c), ReportTo(nil)); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, row := range c.Matrix() {
		for _, v := range row {
			n += v
		}
	}
	if n != 40 {
		t.Errorf("the confusion matrix counts %d samples, want the 40 of the validation data", n)
	}
}

func TestPredict(t *testing.T) {
	m, ds := plane(t), twoClasses(t, 37) // two batches and a short one
	y, err := Predict(context.Background(), m, ds)
	if err != nil {
		t.Fatal(err)
	}
	x, _, err := ds.Batch([]int{36})
	if err != nil {
		t.Fatal(err)
	}
	one, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	if got := y.Float32s()[72:]; !y.Shape().Eq(tensor.Shape{37, 2}) || !slices.Equal(got, one.Float32s()) {
		t.Errorf("got shape %v and last row %v, want (37, 2) and %v", y.Shape(), got, one.Float32s())
	}
}

func TestHistoryFiles(t *testing.T) {
	h := &History{Epochs: []Epoch{
		{Number: 1, Evaluation: Evaluation{Loss: 2, Scores: []Score{{"accuracy", 0.5}}}, Validation: &Evaluation{Loss: 1.5, Scores: []Score{{"accuracy", 0.6}}}, LearningRate: 0.1},
		{Number: 2, Evaluation: Evaluation{Loss: 1, Scores: []Score{{"accuracy", 0.8}}}, Validation: &Evaluation{Loss: 1.2, Scores: []Score{{"accuracy", 0.7}}}, LearningRate: 0.1},
	}}
	var b strings.Builder
	if err := h.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	if want := "epoch,loss,accuracy,val_loss,val_accuracy,lr,seconds\n1,2,0.5,1.5,0.6,0.1,0\n2,1,0.8,1.2,0.7,0.1,0\n"; b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	path := filepath.Join(t.TempDir(), "curves.png")
	if err := h.Plot(path); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(data, []byte("\x89PNG")) {
		t.Errorf("got %d bytes, %v, want a PNG", len(data), err)
	}
	missing := filepath.Join(t.TempDir(), "missing", "curves.png")
	wantError(t, h.Plot(missing), "train.History.Plot: "+missing)
	wantError(t, h.Plot("curves.jpg"), "path ends in .jpg, want .png: pictures are PNG")
	wantError(t, h.Plot("curves"), "path ends in no extension, want .png")
	none := (*History)(nil)
	wantError(t, none.Plot(path), "no epoch to plot")
	wantError(t, (&History{}).Plot(path), "no epoch to plot")
	wantError(t, none.WriteCSV(&b), "the history is nil")
	if e := none.Last(); e.Number != 0 {
		t.Errorf("the last epoch of no history is %+v, want the zero one", e)
	}
}
