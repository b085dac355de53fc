package tensorboard_test

import (
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/thinnet/thinnet/internal/eventtest"
	"github.com/thinnet/thinnet/tensorboard"
)

func create(t testing.TB, dir string) *tensorboard.Writer {
	t.Helper()
	w, err := tensorboard.New(dir)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatalf("%+v", err)
		}
	}
}

// What an independent reader finds is what was written.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir)
	gray := image.NewGray(image.Rect(0, 0, 3, 2))
	gray.SetGray(2, 1, color.Gray{77})
	colour := image.NewNRGBA(image.Rect(5, 5, 7, 9))
	for i := range colour.Pix {
		colour.Pix[i] = 255
	}
	colour.SetNRGBA(6, 8, color.NRGBA{1, 2, 3, 255})
	must(t,
		w.Resume(12),
		w.Scalar("a/loss", 12, 1.0/3), w.Scalar("a/loss", 1<<40, math.Inf(-1)), w.Scalar("Größe", 0, math.NaN()),
		w.Histogram("h", 1, tensorboard.Bin([]float32{-1, 3, 0.5, 0.5, float32(math.NaN())})),
		w.Image("gray", 2, gray), w.Image("colour", 2, colour),
		w.Text("text", 3, strings.Repeat("**so**\n", 100)))
	events := eventtest.Read(t, eventtest.Files(t, dir)...)
	if len(events) != 9 || events[0].Version != "brain.Event:2" || events[1].Status != 1 || events[1].Step != 12 {
		t.Fatalf("read %+v", events)
	}
	var values []eventtest.Value
	for i, step := range []int{12, 1 << 40, 0, 1, 2, 2, 3} {
		e := events[i+2]
		if e.Step != step || len(e.Values) != 1 || e.Time < events[0].Time || e.Time > events[0].Time+60 {
			t.Fatalf("event %d is %+v, want one value of step %d", i, e, step)
		}
		values = append(values, e.Values[0])
	}
	if v := values[0]; v.Tag != "a/loss" || v.Float(t) != float64(float32(1.0/3)) {
		t.Errorf("the scalar is %+v", v)
	}
	if a, b := values[1].Float(t), values[2].Float(t); !math.IsInf(a, -1) || !math.IsNaN(b) || values[2].Tag != "Größe" {
		t.Errorf("the scalars are %v and %v", a, b)
	}
	h := values[3].Histogram
	limits, counts := h[5], h[6]
	if !slices.Equal([]float64{h[0][0], h[1][0], h[2][0], h[3][0], h[4][0]}, []float64{-1, 3, 4, 3, 10.5}) || len(limits) != 64 || limits[63] != 3 {
		t.Errorf("the histogram is %v", h)
	}
	if counts[0] != 1 || counts[24] != 2 || counts[63] != 1 { // 0.5 is 24/64 of the way
		t.Errorf("the counts are %v", counts)
	}
	if v := values[4]; v.Image != [3]int{3, 2, 1} || v.Picture(t).At(2, 1) != (color.Gray{77}) {
		t.Errorf("the gray picture is %+v", v)
	}
	r, g, b, _ := values[5].Picture(t).At(1, 3).RGBA()
	if values[5].Image != [3]int{2, 4, 3} || r>>8 != 1 || g>>8 != 2 || b>>8 != 3 {
		t.Errorf("the coloured picture is %+v, with %d %d %d", values[5], r, g, b)
	}
	if v := values[6]; v.Plugin != "text" || v.Text != strings.Repeat("**so**\n", 100) {
		t.Errorf("the text is %+v", v)
	}
}

// A file that a power cut has shortened anywhere reads up to its last whole record.
func TestCutOff(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir)
	for step := range 3 {
		must(t, w.Scalar("loss", step, 1))
	}
	must(t, w.Close())
	whole, err := os.ReadFile(w.Name())
	must(t, err)
	var files []string
	for i, left := range []int{len(whole), len(whole) - 1, len(whole) - 20, 30, 5, 0} {
		path := filepath.Join(dir, string(rune('a'+i)))
		must(t, os.WriteFile(path, whole[:left], 0o666))
		files = append(files, path)
	}
	for i, want := range []int{4, 3, 3, 0, 0, 0} {
		if got := len(eventtest.Read(t, files[i])); got != want {
			t.Errorf("%s: read %d events, want %d", files[i], got, want)
		}
	}
}

// Files of a folder have names in the order in which they were begun, in the same second
// or with a clock that went back.
func TestNewAppends(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "run")
	later := filepath.Join(dir, "events.out.tfevents.9000000000.elsewhere.1")
	first := create(t, dir)
	must(t, first.Scalar("loss", 1, 1), first.Close(), os.WriteFile(later, nil, 0o666))
	second, third := create(t, dir), create(t, dir)
	if got, want := eventtest.Files(t, dir), []string{first.Name(), later, second.Name(), third.Name()}; !slices.Equal(got, want) {
		t.Errorf("the files are %q, want %q", got, want)
	}
}

func TestConcurrent(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for step := range 100 {
				if err := w.Scalar("loss", step, 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := len(eventtest.Read(t, w.Name())); got != 401 {
		t.Errorf("read %d events, want 401", got)
	}
}

func TestScalarAllocatesNothing(t *testing.T) {
	w := create(t, t.TempDir())
	if n := testing.AllocsPerRun(100, func() { must(t, w.Scalar("loss", 1, 1)) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o666))
	w, closed := create(t, dir), create(t, dir)
	must(t, closed.Close(), closed.Close())
	_, none := tensorboard.New("")
	_, notAFolder := tensorboard.New(file)
	for _, c := range []struct {
		err  error
		want string
	}{
		{none, "tensorboard.New: the folder is empty"},
		{notAFolder, file + " is a file, want a folder"},
		{w.Scalar("", 1, 1), "tensorboard: the tag is empty"},
		{w.Scalar("a\xff", 1, 1), "want UTF-8"},
		{w.Scalar("loss", -1, 1), "tensorboard: loss: step is -1, want at least 0"},
		{w.Text("text", 1, "\xff"), "tensorboard: text: the text is"},
		{w.Image("img", 1, nil), "tensorboard: img: the picture is nil"},
		{w.Image("img", 1, image.NewGray(image.Rect(0, 0, 0, 3))), "tensorboard: img: png"},
		{w.Histogram("h", 1, tensorboard.Histogram{}), "0 limits and 0 counts"},
		{w.Histogram("h", 1, tensorboard.Histogram{Limits: []float64{2, 1}, Counts: []float64{1, 1}}), "want them in order"},
		{w.Graph(nil), "tensorboard: graph: the model is not built"},
		{closed.Scalar("loss", 1, 1), "tensorboard: the writer is closed"},
		{closed.Sync(), "tensorboard: the writer is closed"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got %v, want %q", c.err, c.want)
		}
	}
	must(t, w.Scalar("loss", 1, 1)) // a mistake of a call is not one of the file
	if got := len(eventtest.Read(t, w.Name())); got != 2 {
		t.Errorf("read %d events, want 2", got)
	}
}
