package train

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// A callback of one run may serve another: with what the first left, EarlyStopping would
// end the second before its first step.
func TestCallbacksStartAnewInEachRun(t *testing.T) {
	for name, how := range map[string]func() Callback{
		"early stopping": func() Callback { return EarlyStopping(1, MinDelta(1)) },
		"ema":            func() Callback { return EMA(0.9, WarmUpDecay()) },
		"swa":            func() Callback { return SWA(1) },
	} {
		kept := how()
		wider := func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("fc"), x, 2) }
		other, err := graph.Build(wider, graph.Shape{16, 2}, graph.Seed(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := fitPlane(t, other, SGD(0.1), Epochs(5), Callbacks(kept)); err != nil {
			t.Fatalf("%s: %+v", name, err)
		}
		got, want := plane(t), plane(t)
		if err := fitPlane(t, got, SGD(0.1), Epochs(5), Callbacks(kept)); err != nil {
			t.Fatalf("%s, again: %+v", name, err)
		}
		if err := fitPlane(t, want, SGD(0.1), Epochs(5), Callbacks(how())); err != nil {
			t.Fatal(err)
		}
		if got.Step() != want.Step() || !slices.Equal(bits(got), bits(want)) {
			t.Errorf("%s: the second run has %d steps, want %d, or ends with other weights than that of a new callback", name, got.Step(), want.Step())
		}
	}
}

// With EarlyStopping that has stopped, a run taken up does not go on, and one after it
// that is not taken up does.
func TestEarlyStoppingAfterOneTakenUp(t *testing.T) {
	dir, how := t.TempDir(), func() Callback { return EarlyStopping(1, MinDelta(1)) }
	if err := fitPlane(t, plane(t), SGD(0.1), Epochs(5), Checkpoints(dir), Callbacks(how())); err != nil {
		t.Fatal(err)
	}
	early, m := how(), plane(t)
	if err := fitPlane(t, m, SGD(0.1), Epochs(5), Checkpoints(dir), Callbacks(early)); err != nil {
		t.Fatal(err)
	}
	steps := m.Step()
	if m = plane(t); fitPlane(t, m, SGD(0.1), Epochs(5), Callbacks(early)) != nil || m.Step() != steps || steps == 0 {
		t.Errorf("a run after one taken up has %d steps, want %d", m.Step(), steps)
	}
}

// Frozen statistics stay, and are no error after all epochs.
func TestSWAWithFrozenStatistics(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		return nodes.Linear(s.In("fc"), nodes.BatchNorm1D(s.In("bn").InMode(graph.Eval), x), 2)
	}, graph.Shape{16, 2}, graph.Seed(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := fitPlane(t, m, SGD(0.1), Epochs(2), Callbacks(SWA(1))); err != nil {
		t.Fatalf("%+v", err)
	}
}

// What can be trained can be calibrated: 65 samples in batches of 13, and in one step of
// 5 equal pieces, where batches of the 16 that the model was built for would leave one.
// The statistics are those of all samples.
func TestSWACalibratesWithTheBatchesOfTraining(t *testing.T) {
	for _, opts := range [][]FitOption{{BatchSize(13)}, {Accumulate(8)}} {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), nodes.BatchNorm1D(s.In("bn"), x), 2)
		}, graph.Shape{16, 2}, graph.Seed(1), graph.Float64())
		if err != nil {
			t.Fatal(err)
		}
		ds := twoClasses(t, 65)
		opts = append(opts, Epochs(2), Callbacks(SWA(1)), ReportTo(nil))
		if _, err := Fit(t.Context(), m, ds, nodes.CrossEntropy(), SGD(0.1), opts...); err != nil {
			t.Fatalf("%+v", err)
		}
		x, _, err := ds.Batch(firstIndices(65))
		if err != nil {
			t.Fatal(err)
		}
		var mean, squares float64
		for i := 0; i < 130; i += 2 {
			mean += float64(x.Float32s()[i]) / 65
		}
		for i := 0; i < 130; i += 2 {
			squares += math.Pow(float64(x.Float32s()[i])-mean, 2)
		}
		for _, w := range m.Weights() {
			switch w.Name {
			case "bn.running_mean":
				wantNear(t, w.Name, w.Value.Float64s()[0], mean, 1e-12)
			case "bn.running_var":
				wantNear(t, w.Name, w.Value.Float64s()[0], squares/64, 1e-12)
			}
		}
	}
}

func TestFindLROfANegativeLoss(t *testing.T) {
	loss := func(y, target *graph.Node) *graph.Node { return nodes.NLL()(nodes.Tanh(y), target) } // -1 to 1
	curve, err := FindLR(t.Context(), plane(t), twoClasses(t, 64), loss, SGD(0.1), LRRange{})
	if err != nil {
		t.Fatal(err)
	}
	if rate, err := curve.Suggestion(); err != nil || rate < 1e-3 {
		t.Errorf("after %d steps: a rate of %v, %v", len(curve.Rates), rate, err)
	}
}

// A call that is refused has not touched the model.
func TestFindLRRefusesToContinue(t *testing.T) {
	m := plane(t)
	_, err := FindLR(t.Context(), m, twoClasses(t, 64), nodes.CrossEntropy(), SGD(0.1), LRRange{}, Continue(&History{Epochs: []Epoch{{Number: 1}}}))
	wantError(t, err, "leave out WithSchedule")
	if m.Step() != 0 {
		t.Errorf("the step is %d, want 0", m.Step())
	}
}

type namelessPointer struct{ *namelessCallback }

type namelessCallback struct {
	NoCallback
	name string
}

func (n *namelessCallback) Name() string          { return n.name }
func (n *namelessCallback) State() (State, error) { return State{}, nil }
func (n *namelessCallback) Restore(State) error   { return nil }

func TestANameThatPanics(t *testing.T) {
	wantError(t, fitPlane(t, plane(t), SGD(0.1), Callbacks(namelessPointer{})), "train.Fit: a callback panicked")
}

// Two log files at one path would write over each other.
func TestLogFilesAtOnePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	err := fitPlane(t, plane(t), SGD(0.1), Callbacks(LogCSV(path), LogJSONLines(filepath.Dir(path)+"/./log")))
	wantError(t, err, "writes to "+path+" already")
}
