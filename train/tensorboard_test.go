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
	"github.com/thinnet/thinnet/internal/eventtest"
	"github.com/thinnet/thinnet/nodes"
)

// shown are the events of a folder: by their tag, those of each step.
type shown map[string]map[int]eventtest.Value

func show(t *testing.T, dir string) (shown, []eventtest.Event) {
	t.Helper()
	out := shown{}
	events := eventtest.Read(t, eventtest.Files(t, dir)...)
	for _, e := range events {
		if e.What == "session_log" { // as TensorBoard does
			for tag := range out {
				for step := range out[tag] {
					if step >= e.Step {
						delete(out[tag], step)
					}
				}
			}
		}
		for _, v := range e.Values {
			if out[v.Tag] == nil {
				out[v.Tag] = map[int]eventtest.Value{}
			}
			if _, twice := out[v.Tag][e.Step]; twice {
				t.Errorf("%s has step %d twice", v.Tag, e.Step)
			}
			out[v.Tag][e.Step] = v
		}
	}
	return out, events
}

func (s shown) steps(tag string) (out []int) {
	for step := range s[tag] {
		out = append(out, step)
	}
	slices.Sort(out)
	return out
}

func imageNet(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.MaxPool2D(nodes.ReLU(nodes.Conv2D(s.In("conv"), x, 5, 5)), 4)
	return nodes.Linear(s.In("fc"), nodes.Flatten(x), 10)
}

func fitImages(t *testing.T, ctx context.Context, opts ...FitOption) (*History, error) {
	t.Helper()
	m, err := graph.Build(imageNet, graph.Shape{32, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return Fit(ctx, m, Digits(128, 1), nodes.CrossEntropy(), Adam(1e-3), append([]FitOption{
		Epochs(3), Metrics(nodes.Accuracy()), Validation(Digits(64, 2)), ReportTo(nil),
	}, opts...)...)
}

// What an independent reader finds is what the training was.
func TestTensorBoard(t *testing.T) {
	dir := t.TempDir()
	losses := map[int]float64{}
	h, err := fitImages(t, t.Context(), Callbacks(TensorBoard(dir, ScalarsEvery(2), PicturesEvery(3))), OnStep(func(tr *Training) error {
		losses[tr.Steps()] = tr.Result().Loss
		return nil
	}))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	training, events := show(t, filepath.Join(dir, "train"))
	validation, _ := show(t, filepath.Join(dir, "validation"))
	for tag, want := range map[string][]int{
		"step/loss": {2, 4, 6, 8, 10, 12}, "step/learning_rate": {2, 4, 6, 8, 10, 12},
		"epoch/loss": {4, 8, 12}, "epoch/accuracy": {4, 8, 12},
		"weights/conv.weight": {0, 4, 8, 12}, "weights/fc.bias": {0, 4, 8, 12}, "gradients/conv.bias": {4, 8, 12},
		"inputs": {12}, "filters/conv.weight": {0, 12}, "model": {0}, "training": {0},
	} {
		if got := training.steps(tag); !slices.Equal(got, want) {
			t.Errorf("%s has steps %v, want %v", tag, got, want)
		}
	}
	for step, v := range training["step/loss"] {
		if got := v.Float(t); got != float64(float32(losses[step])) {
			t.Errorf("the loss of step %d is %v, want %v", step, got, losses[step])
		}
	}
	for i, e := range h.Epochs {
		step := 4 * (i + 1)
		for name, want := range map[string]float64{"epoch/loss": e.Loss, "epoch/accuracy": e.Scores[0].Value} {
			if got := training[name][step].Float(t); got != float64(float32(want)) {
				t.Errorf("%s at %d is %v, want %v", name, step, got, want)
			}
		}
		for name, want := range map[string]float64{"epoch/loss": e.Validation.Loss, "epoch/accuracy": e.Validation.Scores[0].Value} {
			if got := validation[name][step].Float(t); got != float64(float32(want)) {
				t.Errorf("%s of the validation at %d is %v, want %v", name, step, got, want)
			}
		}
	}
	if len(validation) != 2 {
		t.Errorf("the validation has %d series, want 2", len(validation))
	}
	if n := training["weights/conv.weight"][4].Histogram[2][0]; n != 5*5*5 {
		t.Errorf("the histogram has %v numbers, want 125", n)
	}
	if img := training["inputs"][12].Image; img != [3]int{4*(28*2+4) - 4, 4*(28*2+4) - 4, 4} { // 16 of 28 by 28, twice as large
		t.Errorf("the inputs are a picture of %v", img)
	}
	if len(events[1].Nodes) < 8 || !strings.Contains(training["model"][0].Text, "fc ") || !strings.Contains(training["training"][0].Text, "| optimiser | Adam, lr 0.001") {
		t.Errorf("the graph, the summary or the settings are not there: %+v, %v, %v", events[1], training["model"], training["training"])
	}
}

// A run that was cut off and goes on has each step once, with what it has in one piece.
func TestTensorBoardResumes(t *testing.T) {
	whole, cut, points := t.TempDir(), t.TempDir(), t.TempDir()
	if _, err := fitImages(t, t.Context(), Callbacks(TensorBoard(whole))); err != nil {
		t.Fatalf("%+v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, err := fitImages(t, ctx, Checkpoints(points, EveryEpochs(1)), Callbacks(TensorBoard(cut)), OnStep(func(tr *Training) error {
		if tr.Steps() == 6 {
			return errors.New("a power cut")
		}
		return nil
	}))
	if err == nil || !strings.Contains(err.Error(), "a power cut") {
		t.Fatal(err)
	}
	last := eventtest.Files(t, filepath.Join(cut, "train"))[0]
	info, err := os.Stat(last)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(last, info.Size()-3); err != nil {
		t.Fatal(err)
	}
	if _, err := fitImages(t, t.Context(), Checkpoints(points), Callbacks(TensorBoard(cut))); err != nil {
		t.Fatalf("%+v", err)
	}
	for _, part := range []string{"train", "validation"} {
		want, _ := show(t, filepath.Join(whole, part))
		got, _ := show(t, filepath.Join(cut, part))
		for tag := range want {
			if !slices.Equal(got.steps(tag), want.steps(tag)) {
				t.Errorf("%s has steps %v, want %v", tag, got.steps(tag), want.steps(tag))
			}
			for step, v := range want[tag] {
				if g := got[tag][step]; g.Scalar != v.Scalar || g.PNG != v.PNG || !slices.Equal(g.Histogram[6], v.Histogram[6]) {
					t.Errorf("%s of step %d differs", tag, step)
				}
			}
		}
	}
}

// A model that sees no images has no pictures, and everything can be left out.
func TestTensorBoardLeavesOut(t *testing.T) {
	dir := t.TempDir()
	_, err := Fit(t.Context(), plane(t), twoClasses(t, 40), nodes.CrossEntropy(), SGD(math.SmallestNonzeroFloat64), ReportTo(nil),
		Callbacks(TensorBoard(filepath.Join(dir, "all")), TensorBoard(filepath.Join(dir, "few"), ScalarsEvery(0), HistogramsEvery(0), PicturesEvery(0))))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if got := eventtest.Files(t, filepath.Join(dir, "all", "validation")); len(got) > 0 {
		t.Errorf("there is %q without validation", got)
	}
	all, _ := show(t, filepath.Join(dir, "all", "train"))
	few, _ := show(t, filepath.Join(dir, "few", "train"))
	for tag := range all {
		if strings.HasPrefix(tag, "filters") || tag == "inputs" {
			t.Errorf("there is %s", tag)
		}
	}
	if len(few) != 3 {
		t.Errorf("there is %v, want the loss of epochs and two texts", few)
	}
}

func TestTensorBoardMistakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		callback Callback
		want     string
	}{
		{TensorBoard(""), "TensorBoard: the folder is empty"},
		{TensorBoard(file), "TensorBoard: tensorboard.New: mkdir"},
		{TensorBoard(t.TempDir(), ScalarsEvery(-1), nil), "TensorBoard: ScalarsEvery is -1, want at least 0"},
		{TensorBoard(t.TempDir(), HistogramsEvery(-1)), "TensorBoard: HistogramsEvery is -1"},
		{TensorBoard(t.TempDir(), PicturesEvery(-1)), "TensorBoard: PicturesEvery is -1"},
	} {
		_, err := Fit(t.Context(), plane(t), twoClasses(t, 40), nodes.CrossEntropy(), SGD(0.1), ReportTo(&bytes.Buffer{}), Callbacks(c.callback))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
