package train

import (
	"bytes"
	"encoding/csv"
	"errors"
	"image/png"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// twoSeeds is a comparison made by hand: errors of 10 and 12 % of "plain" against
// 8 % of a single run of "odd", which ended an epoch early.
func twoSeeds() *Comparison {
	e := func(loss, accuracy float64) *Evaluation {
		return &Evaluation{Loss: loss, Scores: []Score{{"accuracy", accuracy}}, Samples: 100}
	}
	run := func(variant string, seed uint64, test *Evaluation, validations ...*Evaluation) Run {
		h := &History{}
		for i, v := range validations {
			h.Epochs = append(h.Epochs, Epoch{Number: i + 1, Evaluation: *e(0.5, 0.95), Validation: v, LearningRate: 0.1, Duration: time.Second})
		}
		return Run{Variant: variant, Seed: seed, History: h, Test: test}
	}
	return &Comparison{variants: []string{"plain", "odd"}, Runs: []Run{
		run("plain", 1, e(1, 0.90), e(2, 0.70), e(1, 0.91), e(1.5, 0.89)),
		run("plain", 2, e(2, 0.88), e(2, 0.70), e(1, 0.80), e(1.2, 0.87)),
		run("odd", 1, e(math.NaN(), 0.92), e(1, 0.5), e(1, 0.5)),
	}}
}

func TestSummaries(t *testing.T) {
	near := func(got, want float64) bool { return math.Abs(got-want) < 1e-9 || math.IsNaN(got) && math.IsNaN(want) }
	check := func(what string, s Spread, mean, std float64, n int) {
		t.Helper()
		if !near(s.Mean, mean) || !near(s.Std, std) || s.N != n {
			t.Errorf("%s: got %+v, want mean %v, std %v of %d", what, s, mean, std, n)
		}
	}
	c := twoSeeds()
	of := func(measure string) []Summary {
		t.Helper()
		s, err := c.Summaries(measure)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	plain, odd := of("accuracy")[0], of("accuracy")[1]
	check("test", plain.Test, 11, math.Sqrt2, 2)
	check("training", plain.Training, 5, 0, 2)
	check("validation", plain.Validation, 12, math.Sqrt2, 2)
	check("gap", plain.Gap, 7, math.Sqrt2, 2)
	check("best", plain.Best, (9.0+13)/2, 2*math.Sqrt2, 2) // errors of 9 % after epoch 2 and of 13 % after epoch 3
	check("best epoch", plain.BestEpoch, 2.5, 1/math.Sqrt2, 2)
	check("seconds", plain.Seconds, 3, 0, 2)
	if plain.Clean.N != 0 {
		t.Errorf("got %+v without a clean evaluation", plain.Clean)
	}
	check("a single run", odd.Test, 8, math.NaN(), 1)
	check("the first of equals", odd.BestEpoch, 1, math.NaN(), 1)
	check("loss", of("loss")[0].Best, 1, 0, 2)
	c.Runs[0].Clean, c.Runs[1].Clean = c.Runs[0].Test, c.Runs[1].Test
	check("gap to clean", of("accuracy")[0].Gap, 1, 0, 2)
}

func TestComparisonTable(t *testing.T) {
	var out bytes.Buffer
	if err := twoSeeds().Table(&out, "accuracy"); err != nil {
		t.Fatal(err)
	}
	const want = `
error % (accuracy)  seeds  training     validation    gap          best          at epoch   test          seconds
plain               2      5.00 ± 0.00  12.00 ± 1.41  7.00 ± 1.41  11.00 ± 2.83  2.5 ± 0.7  11.00 ± 1.41  3.0 ± 0.0
odd                 1      5.00         50.00         45.00        50.00         1.0        8.00          2.0
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got the table%s\nwant%s", got, want)
	}
}

func TestComparisonCSV(t *testing.T) {
	var out bytes.Buffer
	if err := twoSeeds().WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(lines) != 1+3+3+2 {
		t.Fatalf("got %d lines (%v), want a head and 8", len(lines), err)
	}
	for i, want := range map[int]string{
		0: "variant,seed,epoch,loss,accuracy,val_loss,val_accuracy,clean_loss,clean_accuracy,test_loss,test_accuracy,lr,seconds",
		1: "plain,1,1,0.5,0.95,2,0.7,,,,,0.1,1",
		3: "plain,1,3,0.5,0.95,1.5,0.89,,,1,0.9,0.1,1",
		8: "odd,1,2,0.5,0.95,1,0.5,,,NaN,0.92,0.1,1",
	} {
		if got := strings.Join(lines[i], ","); got != want {
			t.Errorf("line %d is %s, want %s", i, got, want)
		}
	}
}

func TestComparisonPlot(t *testing.T) {
	sizes := map[int]*Comparison{3: twoSeeds(), 1: twoSeeds()}
	for i := range sizes[1].Runs { // without validation and test
		r := &sizes[1].Runs[i]
		r.Test = nil
		for j := range r.History.Epochs {
			r.History.Epochs[j].Validation = nil
		}
	}
	for panels, c := range sizes {
		path := filepath.Join(t.TempDir(), "c.png")
		if err := c.Plot(path); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		legend := img.Bounds().Dx() - panels*384
		if legend < 40 || legend > 200 || img.Bounds().Dy() != 2*288 {
			t.Errorf("got a picture of %v, want %d panels side by side, then a legend, and one row for each of 2 measures", img.Bounds(), panels)
		}
	}
}

func TestComparisonWithoutRuns(t *testing.T) {
	for _, c := range []*Comparison{nil, {}, {variants: []string{"none"}}} {
		if err := c.Plot(filepath.Join(t.TempDir(), "c.png")); err == nil || !strings.Contains(err.Error(), "no run") {
			t.Errorf("Plot: got error %v, want that there is no run", err)
		}
		if err := c.Table(io.Discard, "loss"); err == nil || !strings.Contains(err.Error(), "no run") {
			t.Errorf("Table: got error %v, want that there is no run", err)
		}
		if err := c.WriteCSV(io.Discard); err == nil || !strings.Contains(err.Error(), "no run") {
			t.Errorf("WriteCSV: got error %v, want that there is no run", err)
		}
	}
	var none *Comparison
	var run *Run
	if none.Measures() != nil || run.Duration() != 0 || new(Run).Duration() != 0 {
		t.Error("there is something in nil")
	}
	c := twoSeeds()
	if err := c.Plot("c.jpg"); err == nil || !strings.Contains(err.Error(), "path ends in .jpg, want .png") {
		t.Errorf("Plot: got error %v, want one about the name", err)
	}
	const unknown = `"f1" was not measured, want one of loss, accuracy`
	if _, err := c.Summaries("f1"); err == nil || !strings.Contains(err.Error(), unknown) {
		t.Errorf("Summaries: got error %v, want one that says %s", err, unknown)
	}
	if err := c.Table(io.Discard, "f1"); err == nil || !strings.Contains(err.Error(), unknown) {
		t.Errorf("Table: got error %v, want one that says %s", err, unknown)
	}
	if err := c.Plot(filepath.Join(t.TempDir(), "c.png"), "loss", "f1"); err == nil || !strings.Contains(err.Error(), unknown) {
		t.Errorf("Plot: got error %v, want one that says %s", err, unknown)
	}
	if err := c.Table(nil, "loss"); err == nil {
		t.Error("Table: a nil writer is no error")
	}
	if err := c.WriteCSV(nil); err == nil {
		t.Error("WriteCSV: a nil writer is no error")
	}
}

func TestReadComparison(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadComparison(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got error %v, want one that names the folder", err)
	}
	want := compare(t, planeStudy(t), ResultsIn(dir))
	got, err := ReadComparison(dir, "none", "half", "missing")
	if err != nil {
		t.Fatal(err)
	}
	wantSameRuns(t, "read", got, want)
	if got, err = ReadComparison(dir); err != nil || got.Runs[0].Variant != "half" || len(got.Runs) != 4 {
		t.Errorf("got %+v (%v), want all in order of name", got, err)
	}
	if got, err = ReadComparison(dir, "half"); err != nil || len(got.Runs) != 2 {
		t.Errorf("got %+v (%v), want the two of half", got, err)
	}
	if _, err := ReadComparison(dir, "zzz"); err == nil || !strings.Contains(err.Error(), dir+" holds runs of half, none, but none of zzz") {
		t.Errorf("got error %v, want one that says what there is", err)
	}
	missing := filepath.Join(dir, "missing")
	if _, err := ReadComparison(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("got error %v, want that the folder is not there", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x-seed1.json"), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadComparison(dir); err == nil || !strings.Contains(err.Error(), "x-seed1.json") {
		t.Errorf("got error %v, want one that names the file", err)
	}
}
