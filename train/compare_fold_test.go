package train

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// foldStudy is two variants, a seed and three folds.
func foldStudy(t testing.TB) Study {
	s := planeStudy(t)
	fs, err := KFold(s.Training, 3, 1, Stratified())
	if err != nil {
		t.Fatal(err)
	}
	s.Training, s.Folds, s.Seeds, s.CleanTraining = nil, fs, []uint64{5}, true
	s.Options = func() []FitOption { return []FitOption{Epochs(3), Metrics(nodes.Accuracy())} }
	return s
}

// A fold is trained and validated as by Fit.
func TestCompareFoldsIsFit(t *testing.T) {
	s := foldStudy(t)
	c := compare(t, s)
	if len(c.Runs) != 6 {
		t.Fatalf("got %d runs, want 6", len(c.Runs))
	}
	for i, r := range untimed(c) {
		v, fold := s.Variants[i/3], s.Folds[i%3]
		if r.Variant != v.Name || r.Seed != 5 || r.Fold != i%3+1 {
			t.Errorf("run %d is %s, want that of %s and fold %d", i, r.name(), v.Name, i%3+1)
		}
		m, err := graph.Build(v.Model, s.Shape, graph.Seed(5))
		if err != nil {
			t.Fatal(err)
		}
		h, err := Fit(context.Background(), m, fold.Training, s.Loss, Adam(0.01), append(s.Options(), Validation(fold.Validation), ReportTo(nil))...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range h.Epochs {
			h.Epochs[i].Duration = 0
		}
		if !reflect.DeepEqual(r.History, h) {
			t.Errorf("%s: got the history\n%+v\nwant that of Fit\n%+v", r.name(), r.History, h)
		}
		if r.Clean.Samples != fold.Training.Len() || r.Test.Samples != 60 {
			t.Errorf("%s: evaluated on %d samples of the fold and %d of the test", r.name(), r.Clean.Samples, r.Test.Samples)
		}
	}
}

func TestCompareFoldsSummaries(t *testing.T) {
	c := compare(t, foldStudy(t))
	sums, err := c.Summaries("accuracy")
	if err != nil {
		t.Fatal(err)
	}
	var mean, squares float64
	for _, r := range c.Runs[:3] {
		a, _ := r.History.Last().Validation.Score("accuracy")
		mean += 100 * (1 - a) / 3
		squares += 1e4 * (1 - a) * (1 - a)
	}
	std := math.Sqrt((squares - 3*mean*mean) / 2)
	if got := sums[0].Validation; got.N != 3 || math.Abs(got.Mean-mean) > 1e-9 || math.Abs(got.Std-std) > 1e-6 {
		t.Errorf("got %+v, want %v ± %v of 3", got, mean, std)
	}
	var table, csv bytes.Buffer
	if err := errors.Join(c.Table(&table, "accuracy"), c.WriteCSV(&csv)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(table.String(), "error % (accuracy)  runs ") {
		t.Errorf("the table is\n%s", &table)
	}
	lines := strings.Split(csv.String(), "\n")
	if !strings.HasPrefix(lines[0], "variant,seed,fold,epoch,loss,") || !strings.HasPrefix(lines[4], "none,5,2,1,") {
		t.Errorf("the CSV begins with\n%s", strings.Join(lines[:5], "\n"))
	}
}

// Stored folds are read again, and one that is cut off goes on with the same bits.
func TestCompareFoldsResumes(t *testing.T) {
	dir, want := t.TempDir(), compare(t, foldStudy(t))
	var got *Comparison
	for tries := 0; got == nil; tries++ {
		if tries > 20 {
			t.Fatal("the study never ends")
		}
		ctx, stop := context.WithCancel(t.Context())
		s, epochs := foldStudy(t), 0
		options := s.Options
		s.Options = func() []FitOption {
			return append(options(), OnEpoch(func(Epoch) error {
				if epochs++; epochs == 5 {
					stop()
				}
				return ctx.Err()
			}))
		}
		c, err := Compare(ctx, s, ResultsIn(dir), LogTo(nil), Parallel(1))
		stop()
		if err == nil {
			got = c
		} else if !errors.Is(err, context.Canceled) {
			t.Fatalf("%+v", err)
		}
	}
	wantSameRuns(t, "resumed", got, want)
	read, err := ReadComparison(dir, "none", "half")
	if err != nil {
		t.Fatal(err)
	}
	wantSameRuns(t, "read", read, want)
	if !exists(filepath.Join(dir, "half-seed5-fold3.json")) {
		t.Error("there is no file of fold 3")
	}
	s := foldStudy(t)
	s.Folds[0], s.Folds[1] = s.Folds[1], s.Folds[0]
	_, err = Compare(t.Context(), s, ResultsIn(dir), LogTo(nil))
	wantError(t, err, "none-seed5-fold1.json", "it is of another study")
}

func TestCompareFoldsMistakes(t *testing.T) {
	for want, change := range map[string]func(s *Study){
		"the study has both Training and Folds":                          func(s *Study) { s.Training = s.Folds[0].Training },
		"the study has Folds without any fold":                           func(s *Study) { s.Folds = []Fold{} },
		"fold 2 lacks data to train on or to validate on":                func(s *Study) { s.Folds[1].Validation = nil },
		"none, seed 5, fold 1; none, seed 5, fold 2; none, seed 5, fold": func(s *Study) { s.Options = func() []FitOption { return []FitOption{Epochs(0)} } },
		"the options give Validation, and so do the folds": func(s *Study) {
			s.Options = func() []FitOption { return []FitOption{Validation(s.Folds[0].Validation)} }
		},
	} {
		s := foldStudy(t)
		change(&s)
		_, err := Compare(t.Context(), s, LogTo(nil))
		wantError(t, err, want)
	}
	s := foldStudy(t)
	s.Seeds, s.Variants = nil, s.Variants[:1]
	if c := compare(t, s); len(c.Runs) != 3 || c.Runs[0].Seed != 1 {
		t.Errorf("without seeds there are %d runs, want one of each fold", len(c.Runs))
	}
}

// What a loader draws it computes of the fold it has.
func TestCompareFoldsBalanced(t *testing.T) {
	s := foldStudy(t)
	options := s.Options
	s.Options = func() []FitOption { return append(options(), Loading(BalancedClasses(2))) }
	if reflect.DeepEqual(untimed(compare(t, s)), untimed(compare(t, foldStudy(t)))) {
		t.Error("the balance changes nothing")
	}
}
