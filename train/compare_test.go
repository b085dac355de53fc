package train

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// planeWith is planeNet with dropout at rate p, without the node if p < 0.
func planeWith(p float64) graph.Func {
	return func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.Tanh(nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("fc1"), x, 8)))
		if p >= 0 {
			x = regularize.Dropout(s.In("drop"), x, p)
		}
		return nodes.Linear(s.In("fc2"), x, 2)
	}
}

// planeStudy is two variants and two seeds.
func planeStudy(t testing.TB) Study {
	return Study{
		Variants: []Variant{{Name: "none", Model: planeWith(-1)}, {Name: "half", Model: planeWith(0.5)}},
		Seeds:    []uint64{1, 2},
		Shape:    graph.Shape{16, 2},
		Training: twoClasses(t, 100), Test: twoClasses(t, 60),
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *Optimizer { return Adam(0.01) },
		Options: func() []FitOption {
			return []FitOption{Epochs(3), Validation(twoClasses(t, 40)), Metrics(nodes.Accuracy()), WithSchedule(Cosine(InEpochs(3), 0))}
		},
	}
}

func compare(t testing.TB, s Study, opts ...CompareOption) *Comparison {
	t.Helper()
	c, err := Compare(context.Background(), s, append([]CompareOption{LogTo(nil)}, opts...)...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return c
}

// untimed is what of the runs does not depend on the clock or the folder.
func untimed(c *Comparison) []Run {
	runs := slices.Clone(c.Runs)
	for i, r := range runs {
		h := &History{Epochs: slices.Clone(r.History.Epochs)}
		for j := range h.Epochs {
			h.Epochs[j].Duration = 0
		}
		runs[i].History, runs[i].Weights = h, ""
	}
	return runs
}

func wantSameRuns(t *testing.T, what string, got, want *Comparison) {
	t.Helper()
	if !reflect.DeepEqual(untimed(got), untimed(want)) {
		t.Errorf("%s: got other runs:\n%+v\nwant\n%+v", what, untimed(got), untimed(want))
	}
}

func TestCompareIsFit(t *testing.T) {
	s := planeStudy(t)
	s.CleanTraining = true
	c := compare(t, s)
	if len(c.Runs) != 4 || c.Runs[1].Variant != "none" || c.Runs[1].Seed != 2 || c.Runs[2].Variant != "half" {
		t.Fatalf("got runs %+v, want none 1, none 2, half 1, half 2", c.Runs)
	}
	m, err := graph.Build(planeWith(0.5), s.Shape, graph.Seed(2))
	if err != nil {
		t.Fatal(err)
	}
	h, err := Fit(context.Background(), m, s.Training, s.Loss, Adam(0.01), append(s.Options(), ReportTo(nil))...)
	if err != nil {
		t.Fatal(err)
	}
	got := untimed(c)[3]
	for i := range h.Epochs {
		h.Epochs[i].Duration = 0
	}
	if !reflect.DeepEqual(got.History, h) {
		t.Errorf("got the history\n%+v\nwant that of Fit\n%+v", got.History, h)
	}
	for what, v := range map[Dataset]*Evaluation{s.Training: got.Clean, s.Test: got.Test} {
		if e, err := Evaluate(context.Background(), m, what, s.Loss, nodes.Accuracy()); err != nil || !reflect.DeepEqual(e, *v) {
			t.Errorf("got %v, want %v (%v)", *v, e, err)
		}
	}
	if reflect.DeepEqual(got.History, untimed(c)[1].History) {
		t.Error("a rate of 0.5 changes nothing, so the test of rate 0 would find nothing")
	}
}

func TestCompareRateZeroIsNone(t *testing.T) {
	s := planeStudy(t)
	s.Variants[1] = Variant{Name: "zero", Model: planeWith(0)}
	runs := untimed(compare(t, s))
	for i := range s.Seeds {
		none, zero := runs[i], runs[i+2]
		zero.Variant = none.Variant
		if !reflect.DeepEqual(none, zero) {
			t.Errorf("seed %d: got\n%+v\nwithout the node and\n%+v\nwith a rate of 0, want the same bits", none.Seed, none, zero)
		}
	}
}

func TestCompareInParallelGivesTheSame(t *testing.T) {
	alone := compare(t, planeStudy(t), Parallel(1))
	wantSameRuns(t, "3 at once", compare(t, planeStudy(t), Parallel(3)), alone)
	wantSameRuns(t, "by default", compare(t, planeStudy(t)), alone)
}

// A study that is cut off in the middle of a run, again and again, ends with the
// figures and the weights of one that was not.
func TestCompareResumes(t *testing.T) {
	whole, parts := t.TempDir(), filepath.Join(t.TempDir(), "new", "folder")
	want := compare(t, planeStudy(t), ResultsIn(whole), KeepWeights())
	var got *Comparison
	for tries := 0; got == nil; tries++ {
		if tries > 20 {
			t.Fatal("the study never ends")
		}
		ctx, stop := context.WithCancel(context.Background())
		s := planeStudy(t)
		steps, options := 0, s.Options
		s.Options = func() []FitOption {
			return append(options(), OnEpoch(func(Epoch) error {
				if steps++; steps == 2 { // an epoch is whole, its checkpoint is not written
					stop()
				}
				return ctx.Err()
			}))
		}
		c, err := Compare(ctx, s, ResultsIn(parts), KeepWeights(), LogTo(nil), Parallel(1))
		switch {
		case err == nil:
			got = c
		case !errors.Is(err, context.Canceled):
			t.Fatalf("%+v", err)
		}
	}
	wantSameRuns(t, "resumed", got, want)
	for _, name := range []string{"none-seed1", "none-seed2", "half-seed1", "half-seed2"} {
		a, err := os.ReadFile(filepath.Join(whole, name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(parts, name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s: the resumed run ends with other weights", name)
		}
	}
	if w := got.Runs[0].Weights; w != filepath.Join(parts, "none-seed1.safetensors") {
		t.Errorf("the weights are said to be in %q", w)
	}
	if left, _ := filepath.Glob(filepath.Join(parts, "*"+checkpointEnding)); left != nil {
		t.Errorf("checkpoints %v are left behind", left)
	}
	began := time.Now()
	s := planeStudy(t)
	s.Options = func() []FitOption {
		return append(planeStudy(t).Options(), OnEpoch(func(Epoch) error { return errors.New("trained again") }))
	}
	again := compare(t, s, ResultsIn(parts))
	wantSameRuns(t, "stored", again, want)
	if again.Runs[0].Weights != got.Runs[0].Weights {
		t.Errorf("the weights of a stored run are said to be in %q, want %q", again.Runs[0].Weights, got.Runs[0].Weights)
	}
	if again.Runs[0].Duration() == 0 {
		t.Errorf("the stored runs have lost their times (%v)", time.Since(began))
	}
}

func TestCompareRefusesResultsOfAnotherStudy(t *testing.T) {
	for want, change := range map[string]func(s *Study){
		"epochs was 3 and is 4":       func(s *Study) { s.Options = func() []FitOption { return append(planeStudy(t).Options(), Epochs(4)) } },
		"optimiser was Adam, lr 0.01": func(s *Study) { s.Optimiser = func() *Optimizer { return Adam(0.02) } },
		"rates was [": func(s *Study) {
			s.Options = func() []FitOption { return append(planeStudy(t).Options(), WithSchedule(Constant())) }
		},
		"samples was [100 40 60]":       func(s *Study) { s.Training = twoClasses(t, 90) },
		"shape was [16 2] and is [8 2]": func(s *Study) { s.Shape = graph.Shape{8, 2} },
		"settings was  and is other":    func(s *Study) { s.Settings = "other" },
		"variant_settings was a and is": func(s *Study) { s.Variants[0].Settings = "b" },
		"data has other bits":           func(s *Study) { s.Test, _ = Subset(s.Test, append([]int{1}, firstIndices(60)[1:]...)) },
		"first_step has other bits":     func(s *Study) { s.Variants[0].Model = planeWith(0.25) },
	} {
		t.Run(want, func(t *testing.T) {
			s := planeStudy(t)
			s.Variants, s.Seeds = s.Variants[:1], s.Seeds[:1]
			s.Variants[0].Settings = "a"
			dir := t.TempDir()
			compare(t, s, ResultsIn(dir))
			change(&s)
			_, err := Compare(context.Background(), s, ResultsIn(dir), LogTo(nil))
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "none-seed1.json") {
				t.Errorf("got error %v, want one that says %q and names the file", err, want)
			}
		})
	}
}

func TestCompareMistakes(t *testing.T) {
	none := Variant{Name: "none", Model: planeWith(0)}
	for want, change := range map[string]func(s *Study){
		"has no variant":                                                func(s *Study) { s.Variants = nil },
		"no training data":                                              func(s *Study) { s.Training = nil },
		"variant 1: it has no name":                                     func(s *Study) { s.Variants[1].Name = "" },
		"variant 0: none has no model":                                  func(s *Study) { s.Variants[0].Model = nil },
		"variant 0: none has no loss":                                   func(s *Study) { s.Loss = nil },
		"variant 0: none has no optimiser":                              func(s *Study) { s.Optimiser = nil },
		"variant 1: none and None cannot be":                            func(s *Study) { s.Variants = []Variant{none, {Name: "None", Model: none.Model}} },
		"seed 1 is given twice":                                         func(s *Study) { s.Seeds = []uint64{1, 1} },
		"half, seed 1 and 1 more: the optimiser is nil":                 func(s *Study) { s.Optimiser = func() *Optimizer { return nil } },
		"train.Adam: lr is -1":                                          func(s *Study) { s.Optimiser = func() *Optimizer { return Adam(-1) } },
		"half, seed 1 and 1 more: a function of the study panicked: oh": func(s *Study) { s.Options = func() []FitOption { panic("oh") } },
		"half, seed 1 and 1 more: a function of the study ended the goroutine": func(s *Study) {
			s.Options = func() []FitOption { runtime.Goexit(); return nil }
		},
		"the input shape is empty": func(s *Study) { s.Shape = nil },
		"Epochs is 0":              func(s *Study) { s.Options = func() []FitOption { return []FitOption{Epochs(0)} } },
		"p is 2":                   func(s *Study) { s.Variants[1].Model = planeWith(2) },
	} {
		s := planeStudy(t)
		change(&s)
		if _, err := Compare(context.Background(), s, LogTo(nil)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
	for want, opts := range map[string][]CompareOption{
		"Parallel is 0":        {Parallel(0)},
		"CheckpointEvery is 0": {CheckpointEvery(0)},
		"KeepWeights needs":    {KeepWeights()},
	} {
		if _, err := Compare(context.Background(), planeStudy(t), opts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
	var missing context.Context
	if _, err := Compare(missing, planeStudy(t)); err == nil {
		t.Error("a nil context is no error")
	}
}

// That results cannot be stored shows before any training, and once.
func TestCompareTriesTheFolder(t *testing.T) {
	s := planeStudy(t)
	s.Optimiser = func() *Optimizer { t.Error("a run was begun"); return nil }
	file := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	wants := map[string]string{
		file:                                "ResultsIn: " + file + " is a file, want a folder",
		filepath.Join(file, "new", "study"): "ResultsIn: " + file + " is a file, want a folder",
	}
	if runtime.GOOS == "linux" { // even root can write nothing there
		wants["/proc"] = "ResultsIn: nothing can be stored in /proc"
	}
	for folder, want := range wants {
		_, err := Compare(context.Background(), s, ResultsIn(folder), LogTo(nil))
		if err == nil || strings.Count(err.Error(), want) != 1 {
			t.Errorf("got error %v, want one that says %q once", err, want)
		}
	}
	dir := t.TempDir()
	compare(t, planeStudy(t), ResultsIn(dir))
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); left != nil {
		t.Errorf("%v are left behind", left)
	}
}

// As in Fit, an option that is nil changes nothing.
func TestCompareWithNilOptions(t *testing.T) {
	s := planeStudy(t)
	s.Options = func() []FitOption { return append(planeStudy(t).Options(), nil) }
	wantSameRuns(t, "with nil", compare(t, s, nil), compare(t, planeStudy(t)))
}

// A mistake of all runs is told once.
func TestCompareTellsAMistakeOnce(t *testing.T) {
	s := planeStudy(t)
	s.Options = func() []FitOption { return []FitOption{Epochs(0)} }
	_, err := Compare(context.Background(), s, LogTo(nil))
	if want := "train.Compare: none, seed 1; none, seed 2; half, seed 1 and 1 more: Epochs is 0, want at least 1"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// A run that fails leaves the others alone.
func TestCompareGoesOnAfterAFailure(t *testing.T) {
	s := planeStudy(t)
	s.Variants[0].Optimiser = func() *Optimizer { return SGD(1e38) }
	c, err := Compare(context.Background(), s, LogTo(nil))
	if err == nil || !strings.Contains(err.Error(), "none, seed 1; none, seed 2: ") {
		t.Fatalf("got error %v, want one that names each seed of none", err)
	}
	if len(c.Runs) != 2 || c.Runs[0].Variant != "half" {
		t.Errorf("got runs %+v, want the two of half", c.Runs)
	}
}

func TestCompareOnDamagedFiles(t *testing.T) {
	s := planeStudy(t)
	s.Variants, s.Seeds = s.Variants[:1], s.Seeds[:1]
	for name, want := range map[string]string{
		"none-seed1.json":                   "it is no result of train.Compare",
		"none-seed1.checkpoint.safetensors": "none-seed1.checkpoint.safetensors",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`{"study": 7, nonsense`), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Compare(context.Background(), s, ResultsIn(dir), LogTo(nil)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("got error %v, want one that says %q and names the folder", err, want)
		}
	}
}

func TestStoredNumbers(t *testing.T) {
	dir := t.TempDir()
	e := Evaluation{Loss: math.Inf(1), Scores: []Score{{"odd", math.NaN()}, {"third", 1.0 / 3}}, Samples: 3}
	r := &Run{Variant: "none", Seed: 1, History: &History{[]Epoch{{Number: 1, Evaluation: e, Validation: &e, LearningRate: 1e-300, Duration: time.Second}}}, Test: &e}
	id := identity{Variant: "none", Seed: 1}
	path := filepath.Join(dir, "r.json")
	if err := writeRun(path, id, r); err != nil {
		t.Fatal(err)
	}
	f, err := readRunFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := f.run(path)
	last := got.History.Last()
	if !math.IsInf(last.Loss, 1) || !math.IsNaN(last.Scores[0].Value) || last.Scores[1].Value != 1.0/3 ||
		last.LearningRate != 1e-300 || last.Duration != time.Second || got.Clean != nil || !math.IsInf(got.Test.Loss, 1) {
		t.Errorf("got %+v, want what was written, %+v", got, r)
	}
}
