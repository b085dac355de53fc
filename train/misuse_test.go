package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// wayward is a data set that gives what it should not.
type wayward struct {
	Dataset
	length func() int
	batch  func(indices []int) (x, t *tensor.Dense, err error) // from the third on
	calls  int
}

func (w *wayward) Len() int {
	if w.length != nil {
		return w.length()
	}
	return w.Dataset.Len()
}

func (w *wayward) Batch(indices []int) (x, t *tensor.Dense, err error) {
	w.calls++
	if w.batch != nil && w.calls > 2 {
		return w.batch(indices)
	}
	return w.Dataset.Batch(indices)
}

func TestFitOnMisbehavingData(t *testing.T) {
	ds := twoClasses(t, 64)
	of := func(x, c *tensor.Dense) func([]int) (*tensor.Dense, *tensor.Dense, error) {
		return func([]int) (*tensor.Dense, *tensor.Dense, error) { return x, c, nil }
	}
	x := tensor.New(tensor.WithShape(16, 2), tensor.Of(tensor.Float32))
	c := tensor.New(tensor.WithShape(16), tensor.Of(tensor.Int))
	for want, w := range map[string]*wayward{
		"epoch 1: batch 3 of 4: the data set panicked: boo":             {batch: func([]int) (x, t *tensor.Dense, err error) { panic("boo") }},
		"epoch 1: the data set ended the goroutine that makes batches":  {batch: func([]int) (x, t *tensor.Dense, err error) { runtime.Goexit(); return }},
		"epoch 1: batch 3 of 4: disk on fire":                           {batch: func([]int) (x, t *tensor.Dense, err error) { return nil, nil, errors.New("disk on fire") }},
		"batch 3 of 4: the data set gave () and (16) for 16 indices":    {batch: of(nil, c)},
		"batch 3 of 4: the data set gave (16, 2) and () for 16 indices": {batch: of(x, nil)},
		"batch 3 of 4: the input has shape (16, 3)":                     {batch: of(tensor.New(tensor.WithShape(16, 3), tensor.Of(tensor.Float32)), c)},
		"batch 3 of 4: the input: element type is bool, want float32":   {batch: of(tensor.New(tensor.WithShape(16, 2), tensor.Of(tensor.Bool)), c)},
		"batch 3 of 4: the target has type bool, want class indices":    {batch: of(x, tensor.New(tensor.WithShape(16), tensor.Of(tensor.Bool)))},
		"train.Fit: the data set panicked: no length":                   {length: func() int { panic("no length") }},
		"train.Fit: data set is empty":                                  {length: func() int { return -1 }},
	} {
		w.Dataset = ds
		synctest.Test(t, func(t *testing.T) { // which fails if a goroutine stays
			h, err := Fit(t.Context(), plane(t), w, nodes.CrossEntropy(), SGD(0.1), Loading(Prefetch(1)), ReportTo(nil))
			wantError(t, err, want)
			if h == nil || len(h.Epochs) != 0 {
				t.Errorf("%s: got the history %v, want an empty one", want, h)
			}
		})
	}
}

// A loader asks for the length once, so it counts by one number.
func TestDataThatGrows(t *testing.T) {
	n := 64
	w := &wayward{Dataset: twoClasses(t, 64), length: func() int { n++; return n - 1 }}
	if _, err := Fit(t.Context(), plane(t), w, nodes.CrossEntropy(), SGD(0.1), Epochs(2), ReportTo(nil)); err != nil {
		t.Errorf("%+v", err)
	}
}

// broke is a metric that panics in one of its methods.
type broke struct{ in string }

func (b broke) at(method string) {
	if b.in == method {
		panic("in " + method)
	}
}
func (b broke) Name() string                      { b.at("Name"); return "broke" }
func (b broke) Add(y, target *tensor.Dense) error { b.at("Add"); return nil }
func (b broke) Value() float64                    { b.at("Value"); return 0 }
func (b broke) Reset()                            { b.at("Reset") }

type panicky struct{}

func (panicky) Step([]gorgonia.ValueGrad) error { panic("no solution") }

func TestPanicsOfUsersBecomeErrors(t *testing.T) {
	ctx, ds, loss := context.Background(), twoClasses(t, 64), nodes.CrossEntropy()
	fit := func(loss graph.Loss, solver gorgonia.Solver, opts ...FitOption) error {
		_, err := Fit(ctx, plane(t), ds, loss, solver, append(opts, ReportTo(nil))...)
		return err
	}
	squares := tensor.New(tensor.WithShape(64, 1, 1, 2), tensor.Of(tensor.Float32))
	images, err := Tensors(squares, tensor.New(tensor.WithShape(64), tensor.Of(tensor.Int)))
	if err != nil {
		t.Fatal(err)
	}
	_, transformed := NewLoader(images, 4, Transforms(func(*rand.Rand, *Sample) error { panic("no change") }))
	wantError(t, transformed, "batch 1 of 16: a transform panicked: no change")
	for want, err := range map[string]error{
		"epoch 1: batch 1 of 4: the loss function panicked: no loss":      fit(func(*graph.Node, *graph.Node) *graph.Node { panic("no loss") }, SGD(0.1)),
		"updating the parameters: the solver panicked: no solution":       fit(loss, panicky{}),
		"epoch 1: a metric, the schedule or a callback panicked: no rate": fit(loss, SGD(0.1), WithSchedule(func(float64, Progress) (float64, error) { panic("no rate") })),
		"epoch 1: a metric, the schedule or a callback panicked: no call": fit(loss, SGD(0.1), OnEpoch(func(Epoch) error { panic("no call") })),
	} {
		wantError(t, err, want)
	}
	for _, method := range []string{"Name", "Add", "Value", "Reset"} {
		wantError(t, fit(loss, SGD(0.1), Metrics(broke{method})), "callback panicked: in "+method)
		_, err := Evaluate(ctx, plane(t), ds, loss, broke{method})
		wantError(t, err, "train.Evaluate: a metric panicked: in "+method)
	}
}

func TestNilArguments(t *testing.T) {
	ctx, ds, m, loss := context.Background(), twoClasses(t, 64), plane(t), nodes.CrossEntropy()
	if _, err := Fit(ctx, m, ds, loss, SGD(0.1), nil, Loading(nil), OnEpoch(nil), WithSchedule(ReduceOnPlateau(nil)), Validation(nil), ReportTo(nil)); err != nil {
		t.Errorf("options that are nil: %v", err)
	}
	if _, err := PredictMonteCarlo(ctx, m, ds, 1, nil); err != nil {
		t.Errorf("an option that is nil: %v", err)
	}
	var none context.Context
	last := func(_ any, err error) error { return err }
	third := func(_, _ any, err error) error { return err }
	_, _, headless := Head(nil, 3).Batch([]int{0})
	for want, errs := range map[string][]error{
		"the context is nil": {
			last(Fit(none, m, ds, loss, SGD(0.1), ReportTo(nil))), last(Evaluate(none, m, ds, loss)),
			last(Predict(none, m, ds)), last(PredictMonteCarlo(none, m, ds, 2)),
		},
		"metric 0 is nil":                    {last(Fit(ctx, m, ds, loss, SGD(0.1), Metrics(nil))), last(Evaluate(ctx, m, ds, loss, nil))},
		"train.Fit: the optimiser is nil":    {last(Fit(ctx, m, ds, loss, (*Optimizer)(nil)))},
		"train.Subset: data set is nil":      {last(Subset(nil, []int{1})), last(Subset(nil, nil))},
		"train.Split: data set is nil":       {third(Split(nil, 0.5, 1))},
		"train.Head: data set is nil":        {headless},
		"train.Tensors: x: is nil":           {last(Tensors(nil, nil))},
		"no such file":                       {last(OpenCSV("nowhere", nil)), last(OpenImageFolder("nowhere", nil))},
		"writing the history: the writer is": {(&History{}).WriteCSV(nil)},
	} {
		for _, err := range errs {
			wantError(t, err, want)
		}
	}
}

// A target that is wrong is told by its sample, wherever the order of the epoch put it.
func TestWrongTargetNamesTheSample(t *testing.T) {
	x, c := tensor.New(tensor.WithShape(64, 2), tensor.Of(tensor.Float32)), make([]int, 64)
	c[37] = 99
	data, err := Tensors(x, tensor.New(tensor.WithShape(64), tensor.WithBacking(c)))
	if err != nil {
		t.Fatal(err)
	}
	_, shuffled := Fit(t.Context(), plane(t), data, nodes.CrossEntropy(), SGD(0.1), ReportTo(nil))
	_, inOrder := Evaluate(t.Context(), plane(t), data, nodes.CrossEntropy())
	wantError(t, shuffled, ": sample 37 of the data set: crossentropy#1: CrossEntropy: the target at [")
	_, inPieces := Fit(t.Context(), plane(t), data, nodes.CrossEntropy(), SGD(0.1), ReportTo(nil), Accumulate(4))
	wantError(t, inPieces, ": sample 37 of the data set: samples ", " of the step: crossentropy#1: CrossEntropy: the target at [")
	wantError(t, inOrder, "batch 3 of 4: sample 37 of the data set: crossentropy#1: CrossEntropy: the target at [5] is 99")
	without := func(y, _ *graph.Node) *graph.Node { return nodes.MSE()(y, y) } // leaves the target to the metric
	_, metric := Evaluate(t.Context(), plane(t), data, without, nodes.Accuracy())
	wantError(t, metric, "sample 37 of the data set: metric accuracy: the target at [5] is 99")
}

// What cannot be trained on for being short is told how to be left out.
func TestShortBatchNamesTheRemedy(t *testing.T) {
	fit := func(opts ...FitOption) error {
		_, err := Fit(context.Background(), plane(t), twoClasses(t, 33), nodes.CrossEntropy(), SGD(0.1), append(opts, ReportTo(nil))...)
		return err
	}
	wantError(t, fit(), "epoch 1: batch 3 of 3: the last batch has 1 of 16 samples (train.Loading(train.DropLast()) leaves it out): bn: BatchNorm1D: ")
	if err := fit(Loading(DropLast())); err != nil {
		t.Errorf("without it: %v", err)
	}
}

func TestOutputsWithoutARowForEachSample(t *testing.T) {
	ctx, ds := context.Background(), twoClasses(t, 64)
	for shape, f := range map[string]func(*graph.Node) *graph.Node{
		"()":      func(y *graph.Node) *graph.Node { return nodes.MSE()(y, y) },
		"(2, 16)": func(y *graph.Node) *graph.Node { return nodes.Transpose(y, 1, 0) },
	} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node { return f(nodes.Linear(s.In("fc"), x, 2)) }, graph.Shape{16, 2})
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("the output has shape %s for an input of shape (16, 2), want a row for each sample", shape)
		_, err = Predict(ctx, m, ds)
		wantError(t, err, want)
		_, err = PredictMonteCarlo(ctx, m, ds, 2, Softmax())
		wantError(t, err, want)
		// The loss may make of it what it likes.
		loss := func(y, _ *graph.Node) *graph.Node { return nodes.MSE()(y, y) }
		h, err := Fit(ctx, m, ds, loss, SGD(0.1), ReportTo(nil))
		if err != nil || h.Last().Samples != 64 {
			t.Errorf("output %s: got %d samples and %v, want 64", shape, h.Last().Samples, err)
		}
	}
}

// A cancellation does not wait for all the samples of a batch: these would take
// for ever.
func TestMonteCarloStopsOnCancel(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := PredictMonteCarlo(ctx, plane(t), twoClasses(t, 16), math.MaxInt)
	wantError(t, err, "train.PredictMonteCarlo: batch 1 of 1: context deadline exceeded")
}

func TestHistoriesOfSeveralRuns(t *testing.T) {
	nan := math.NaN()
	h := &History{Epochs: []Epoch{
		{Number: 1, Evaluation: Evaluation{Loss: 2}},
		{Number: 2, Evaluation: Evaluation{Loss: 1, Scores: []Score{{"accuracy", 0.5}}}, Validation: &Evaluation{Loss: nan}},
		{Number: 3, Evaluation: Evaluation{Loss: math.Inf(1)}, Validation: &Evaluation{Loss: 3, Scores: []Score{{"accuracy", nan}}}},
	}}
	var b strings.Builder
	if err := h.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	if want := "epoch,loss,accuracy,val_loss,val_accuracy,lr,seconds\n1,2,,,,0,0\n2,1,0.5,NaN,,0,0\n3,+Inf,,3,NaN,0,0\n"; b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if err := h.Plot(filepath.Join(t.TempDir(), "curves.png")); err != nil {
		t.Error(err)
	}
}

// A model that Build did not return is an error everywhere, not a panic.
func TestModelThatIsNotBuilt(t *testing.T) {
	ctx, ds, loss, m := context.Background(), twoClasses(t, 16), nodes.CrossEntropy(), &graph.Model{}
	for name, f := range map[string]func() error{
		"Fit":               func() error { _, err := Fit(ctx, m, ds, loss, SGD(1), ReportTo(nil)); return err },
		"Evaluate":          func() error { _, err := Evaluate(ctx, m, ds, loss); return err },
		"Predict":           func() error { _, err := Predict(ctx, m, ds); return err },
		"PredictMonteCarlo": func() error { _, err := PredictMonteCarlo(ctx, m, ds, 2); return err },
	} {
		if err, want := f(), "train."+name+": the model is not built: use graph.Build"; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
