package train

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// oneRun is a study of one run, of 12 steps.
func oneRun(t testing.TB, net graph.Func, schedule Schedule) Study {
	s := planeStudy(t)
	s.Variants, s.Seeds = []Variant{{Name: "none", Model: net}}, []uint64{1}
	s.Training = twoClasses(t, 64)
	s.Options = func() []FitOption {
		return []FitOption{Epochs(3), Validation(twoClasses(t, 40)), Metrics(nodes.Accuracy()), WithSchedule(schedule)}
	}
	return s
}

// What a schedule goes by is known only after an epoch.
func TestCompareWithReduceOnPlateau(t *testing.T) {
	dir, schedule := t.TempDir(), ReduceOnPlateau(Patience(0), Threshold(0.999))
	c := compare(t, oneRun(t, planeWith(-1), schedule), ResultsIn(dir))
	if first, last := c.Runs[0].History.Epochs[0].LearningRate, c.Runs[0].History.Last().LearningRate; !(last < first) {
		t.Errorf("the rate goes from %v to %v, want a reduction", first, last)
	}
	wantSameRuns(t, "stored", compare(t, oneRun(t, planeWith(-1), schedule), ResultsIn(dir)), c)
}

func TestCompareSeesLaterSteps(t *testing.T) {
	ramp := func(p float64) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.Tanh(nodes.Linear(s.In("fc1"), x, 8))
			return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, p, regularize.LinearRate(0, 20)), 2)
		}
	}
	for name, c := range map[string]struct {
		stored, asked Study
		want          string
	}{
		"dropout on a schedule": {oneRun(t, ramp(0.5), nil), oneRun(t, ramp(0.1), nil), "last_steps has other bits"},
		"rate between": {
			oneRun(t, planeWith(-1), StepLR(InSteps(9), 0.1)), oneRun(t, planeWith(-1), StepLR(InSteps(10), 0.1)), "all_rates has other bits",
		},
		"patience": {
			oneRun(t, planeWith(-1), ReduceOnPlateau(Patience(0))), oneRun(t, planeWith(-1), ReduceOnPlateau(Patience(1))), "rates was [",
		},
		"threshold": {
			oneRun(t, planeWith(-1), ReduceOnPlateau(Patience(0), Threshold(0.2))),
			oneRun(t, planeWith(-1), ReduceOnPlateau(Patience(0), Threshold(0.3))), "all_rates has other bits",
		},
	} {
		dir := t.TempDir()
		compare(t, c.stored, ResultsIn(dir))
		_, err := Compare(context.Background(), c.asked, ResultsIn(dir), LogTo(nil))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, c.want)
		}
	}
}

func TestCompareSaysWhatIsNotStored(t *testing.T) {
	more := func(s *Study) {
		options := s.Options
		s.Options = func() []FitOption { return append(options(), Metrics(nodes.TopK(2))) }
	}
	for want, c := range map[string]struct {
		change func(*Study)
		opts   []CompareOption
	}{
		"without CleanTraining":                      {change: func(s *Study) { s.CleanTraining = true }},
		"without KeepWeights":                        {change: func(*Study) {}, opts: []CompareOption{KeepWeights()}},
		"without the metric " + nodes.TopK(2).Name(): {change: more},
	} {
		dir, s := t.TempDir(), oneRun(t, planeWith(-1), nil)
		compare(t, s, ResultsIn(dir))
		c.change(&s)
		got, err := Compare(context.Background(), s, append(c.opts, ResultsIn(dir), LogTo(nil))...)
		if err == nil || !strings.Contains(err.Error(), "none-seed1.json"+remedy+": it was made "+want) || len(got.Runs) > 0 {
			t.Errorf("got %v, %v, want an error that says %q", got, err, want)
		}
	}

	dir, s := t.TempDir(), oneRun(t, planeWith(-1), nil)
	cutOff(t, s, dir)
	more(&s)
	_, err := Compare(context.Background(), s, ResultsIn(dir), LogTo(nil))
	if want := checkpointEnding + remedy + ": it was made without the metric"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one that says %q", err, want)
	}
}

// cutOff leaves a checkpoint after an epoch of a study of one run.
func cutOff(t *testing.T, s Study, dir string) {
	t.Helper()
	options, gone := s.Options, errors.New("gone")
	s.Options = func() []FitOption {
		return append(options(), OnEpoch(func(e Epoch) error {
			if e.Number == 2 {
				return gone
			}
			return nil
		}))
	}
	if _, err := Compare(context.Background(), s, ResultsIn(dir), LogTo(nil)); !errors.Is(err, gone) {
		t.Fatalf("got error %v, want %v", err, gone)
	}
}

// What was stored before there were digests of all steps is taken up.
func TestCompareTakesUpOlderFiles(t *testing.T) {
	older := func(b []byte) []byte {
		var f map[string]any
		if err := json.Unmarshal(b, &f); err != nil {
			t.Fatal(err)
		}
		study := f["study"].(map[string]any)
		for _, name := range []string{"all_rates", "last_steps"} {
			if study[name] == nil {
				t.Fatalf("the study %v has no %s", study, name)
			}
			delete(study, name)
		}
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	s := oneRun(t, planeWith(0.5), Cosine(InEpochs(3), 0))
	whole, parts := t.TempDir(), t.TempDir()
	want := compare(t, s, ResultsIn(whole))
	path := filepath.Join(whole, "none-seed1.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, older(b), 0o666); err != nil {
		t.Fatal(err)
	}
	again := s
	again.Options = func() []FitOption {
		return append(s.Options(), OnEpoch(func(Epoch) error { return errors.New("trained again") }))
	}
	wantSameRuns(t, "a run", compare(t, again, ResultsIn(whole)), want)

	cutOff(t, s, parts)
	path = filepath.Join(parts, "none-seed1"+checkpointEnding)
	ts, meta, err := export.ReadSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	meta = map[string]string{checkpointKey: string(older(firstForm(t, meta)))}
	if err := export.WriteSafetensors(path, ts, meta); err != nil {
		t.Fatal(err)
	}
	again.Options = func() []FitOption {
		return append(s.Options(), OnEpoch(func(e Epoch) error {
			if e.Number == 1 {
				return errors.New("trained from the start")
			}
			return nil
		}))
	}
	wantSameRuns(t, "a checkpoint", compare(t, again, ResultsIn(parts)), want)
}

// firstForm returns the metadata of a checkpoint as the first files had it: without a
// checksum, and all in one.
func firstForm(t *testing.T, meta map[string]string) []byte {
	t.Helper()
	var study, training map[string]any
	for key, v := range map[string]*map[string]any{checkpointKey: &study, trainingKey: &training} {
		if err := json.Unmarshal([]byte(meta[key]), v); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(map[string]any{
		"study": study["study"], "epochs": training["epochs"], "step": training["model_step"], "lr": training["lr"],
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
