package train

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

// A run of a study that is cut off in the middle of an epoch goes on there, with the
// state of its callbacks.
func TestCompareGoesOnInTheMiddleOfAnEpoch(t *testing.T) {
	study := func() Study {
		s := oneRun(t, planeWith(0.5), nil)
		options := s.Options
		s.Optimiser = func() *Optimizer { return Adam(0.3) }
		s.Options = func() []FitOption {
			return append(options(), Epochs(30), Callbacks(EarlyStopping(2)))
		}
		return s
	}
	want := compare(t, study())
	if n := len(want.Runs[0].History.Epochs); n == 30 || n < 3 {
		t.Fatalf("it ends after %d epochs, want it to be stopped after some", n)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cut := study()
	options := cut.Options
	steps := 0
	cut.Options = func() []FitOption {
		return append(options(), OnStep(func(tr *Training) error {
			if steps = tr.Steps(); steps == 10 {
				cancel()
			}
			return nil
		}))
	}
	if _, err := Compare(ctx, cut, ResultsIn(dir), LogTo(nil)); !errors.Is(err, context.Canceled) || steps != 10 {
		t.Fatalf("got error %v after %d steps", err, steps)
	}
	if file, _, err := readTraining(filepath.Join(dir, "none-seed1"+checkpointEnding)); err != nil || file.Steps != 10 || file.Batch != 2 {
		t.Fatalf("got %+v (%v), want a checkpoint in the middle of an epoch", file, err)
	}
	wantSameRuns(t, "taken up", compare(t, study(), ResultsIn(dir)), want)
	if exists(filepath.Join(dir, "none-seed1"+checkpointEnding)) {
		t.Error("the checkpoint is still there")
	}
}

func TestCompareSavesItself(t *testing.T) {
	s := planeStudy(t)
	options := s.Options
	for _, opt := range []FitOption{Checkpoints(t.TempDir()), Resume("x")} {
		s.Options = func() []FitOption { return append(options(), opt) }
		_, err := Compare(context.Background(), s, LogTo(nil))
		if want := "leave out Checkpoints and Resume"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}
