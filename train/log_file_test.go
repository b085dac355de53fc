package train

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/nodes"
)

func readLines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(string(b), "\n")
}

// A log holds each epoch from its end on, and at the end what the history does.
func TestLogFiles(t *testing.T) {
	table, objects := filepath.Join(t.TempDir(), "log.csv"), filepath.Join(t.TempDir(), "log.jsonl")
	if err := os.WriteFile(table, []byte("what was there\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, h, err := resumable(t, t.Context(), &out, Callbacks(LogCSV(table), LogJSONLines(objects)), OnEpoch(func(e Epoch) error {
		if a, b := len(readLines(t, table)), len(readLines(t, objects)); a != e.Number+2 || b != e.Number+1 { // the last one is empty
			t.Errorf("after epoch %d there are %d and %d lines", e.Number, a-1, b-1)
		}
		return nil
	}))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var want bytes.Buffer
	if err := h.WriteCSV(&want); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(readLines(t, table), ""); got != want.String() {
		t.Errorf("the CSV is\n%s\nwant\n%s", got, &want)
	}
	head := strings.Split(strings.SplitN(want.String(), "\n", 2)[0], ",")
	for i, line := range readLines(t, objects)[:3] {
		var got map[string]float64
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		e := h.Epochs[i]
		if len(got) != len(head) || got["epoch"] != float64(e.Number) || got["loss"] != e.Loss || got["val_loss"] != e.Validation.Loss || got["lr"] != e.LearningRate {
			t.Errorf("line %d is %s, want %q of %+v", i+1, line, head, e)
		}
	}
}

// Whatever a run that was cut off has left behind, each epoch is there once.
func TestLogFilesResume(t *testing.T) {
	dir := t.TempDir()
	table, objects := filepath.Join(dir, "log.csv"), filepath.Join(dir, "log.jsonl")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out bytes.Buffer
	_, _, err := resumable(t, ctx, &out, Checkpoints(dir), Callbacks(LogCSV(table), LogJSONLines(objects)), OnStep(func(tr *Training) error {
		if tr.Steps() == 6 { // in the second epoch
			stop()
		}
		return nil
	}))
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for _, path := range []string{table, objects} { // an epoch that no checkpoint has, and half a line
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("2,9,9,9\n3,0."); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, h, err := resumable(t, t.Context(), &out, Checkpoints(dir), Callbacks(LogCSV(table), LogJSONLines(objects)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	var want bytes.Buffer
	if err := h.WriteCSV(&want); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(readLines(t, table), ""); got != want.String() {
		t.Errorf("the CSV is\n%s\nwant\n%s", got, &want)
	}
	if lines := readLines(t, objects); len(lines) != 4 || !strings.HasPrefix(lines[2], `{"epoch":3,"loss":`) {
		t.Errorf("the JSON lines are\n%s", strings.Join(lines, ""))
	}
}

func TestLogFilesOfOddNumbers(t *testing.T) {
	e := Epoch{Number: 7, Evaluation: Evaluation{Loss: math.Inf(1), Scores: []Score{{`a "b"`, math.NaN()}}}, LearningRate: 1e-30}
	var b bytes.Buffer
	if err := writeJSONLines(&b, logColumns{[]string{"loss", `a "b"`}, true}, true, []Epoch{e}); err != nil {
		t.Fatal(err)
	}
	if want := `{"epoch":7,"loss":"+Inf","a \"b\"":"NaN","lr":1e-30,"seconds":0}` + "\n"; b.String() != want {
		t.Errorf("got %s, want %s", &b, want)
	}
}

func TestLogFilesErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ path, want string }{
		{"", ": the path is empty"},
		{dir, ": " + dir + " is a folder or a device, want a file"},
		{filepath.Join(dir, "none", "log"), filepath.Join(dir, "none", "log")},
	} {
		for name, log := range map[string]Callback{"LogCSV": LogCSV(c.path), "LogJSONLines": LogJSONLines(c.path)} {
			h, err := Fit(t.Context(), plane(t), twoClasses(t, 32), nodes.CrossEntropy(), Adam(0.01), ReportTo(nil), Callbacks(log))
			wantError(t, err, "train.Fit: "+name, c.want)
			if len(h.Epochs) > 0 {
				t.Error("it is found out after an epoch only")
			}
		}
	}
	// A log that can no longer be written ends training after the epoch.
	log := LogCSV(filepath.Join(dir, "log.csv"))
	h, err := Fit(t.Context(), plane(t), twoClasses(t, 32), nodes.CrossEntropy(), Adam(0.01), Epochs(3), ReportTo(nil), OnStep(func(tr *Training) error {
		if tr.Steps() == 3 {
			return log.(*logFile).file.Close()
		}
		return nil
	}), Callbacks(log))
	wantError(t, err, "train.Fit: epoch 2:", "LogCSV", "file already closed")
	if len(h.Epochs) > 2 {
		t.Errorf("there are %d epochs, want 2", len(h.Epochs))
	}
	// The callback may be used again.
	if _, err := Fit(t.Context(), plane(t), twoClasses(t, 32), nodes.CrossEntropy(), Adam(0.01), ReportTo(nil), Callbacks(log)); err != nil {
		t.Error(err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || !slices.Equal(files, []string{filepath.Join(dir, "log.csv")}) {
		t.Errorf("there are files %v (%v)", files, err)
	}
}
