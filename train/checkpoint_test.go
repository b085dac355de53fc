package train

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// resumable is a training of three epochs of four steps that has all there is to save.
// It reports to out.
func resumable(t testing.TB, ctx context.Context, out *bytes.Buffer, opts ...FitOption) (*graph.Model, *History, error) {
	t.Helper()
	m := plane(t)
	all := []FitOption{
		Epochs(3), Validation(twoClasses(t, 40)), Metrics(nodes.Accuracy(), nodes.ConfusionMatrix(2)),
		WithSchedule(ReduceOnPlateau(Patience(0), Threshold(0.5))), ReportTo(out), Quiet(),
	}
	h, err := Fit(ctx, m, twoClasses(t, 56), nodes.CrossEntropy(), AdamW(0.01, ClipNorm(1)), append(all, opts...)...)
	return m, h, err
}

// wantSame fails unless two trainings ended with the same bits, durations apart.
func wantSame(t testing.TB, what string, m, want *graph.Model, h, wantHistory *History) {
	t.Helper()
	if !slices.Equal(bits(m), bits(want)) {
		t.Errorf("%s: it ends with other weights", what)
	}
	if m.Step() != want.Step() {
		t.Errorf("%s: it ends at step %d, want %d", what, m.Step(), want.Step())
	}
	if got, want := timeless(h), timeless(wantHistory); got != want {
		t.Errorf("%s: it ends with the history\n%s,\nwant\n%s", what, got, want)
	}
}

func timeless(h *History) string {
	h = h.clone()
	for i := range h.Epochs {
		h.Epochs[i].Duration = 0
	}
	var b bytes.Buffer
	if err := h.WriteCSV(&b); err != nil {
		return err.Error()
	}
	return b.String()
}

// twin is a file of a folder of checkpoints in a folder of its own.
func twin(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), b, 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func mustList(t testing.TB, dir string) []int {
	t.Helper()
	all, err := listCheckpoints(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestCheckpointsGoOnFromEveryStep(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	want, wantHistory, err := resumable(t, ctx, &bytes.Buffer{}, Checkpoints(dir, EverySteps(1), EveryEpochs(1), KeepLast(100)))
	if err != nil {
		t.Fatal(err)
	}
	plain, plainHistory, err := resumable(t, ctx, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "without checkpoints", plain, want, plainHistory, wantHistory)
	all := mustList(t, dir)
	if len(all) != 12 {
		t.Fatalf("got checkpoints after %v steps, want 12", all)
	}
	for _, steps := range all {
		path := filepath.Join(dir, checkpointName(steps))
		var out bytes.Buffer
		m, h, err := resumable(t, ctx, &out, Checkpoints(twin(t, path)))
		if err != nil {
			t.Fatalf("after %d steps: %v", steps, err)
		}
		wantSame(t, checkpointName(steps), m, want, h, wantHistory)
		if !strings.HasPrefix(out.String(), "going on from ") {
			t.Errorf("after %d steps: it reports %q", steps, out.String())
		}
		m, h, err = resumable(t, ctx, &out, Resume(path))
		if err != nil {
			t.Fatalf("after %d steps: %v", steps, err)
		}
		wantSame(t, "Resume of "+checkpointName(steps), m, want, h, wantHistory)
	}
}

// What is broken is passed over, whatever it is that broke it.
func TestCheckpointsPassOverWhatIsNotWhole(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	want, wantHistory, err := resumable(t, ctx, &bytes.Buffer{}, Checkpoints(dir, EverySteps(5), KeepLast(100)))
	if err != nil {
		t.Fatal(err)
	}
	newest, err := os.ReadFile(filepath.Join(dir, checkpointName(10)))
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string][]byte{"empty": {}, "text": []byte("not a checkpoint"), "renamed": newest}
	for _, n := range []int{1, 7, 8, 9, 100, len(newest) / 2, len(newest) - 1} {
		broken["cut off"] = newest[:n]
	}
	for at := 0; at < len(newest); at += 97 {
		flipped := slices.Clone(newest)
		flipped[at] ^= 1 << (at % 8)
		broken[fmt.Sprintf("bit %d of byte %d flipped", at%8, at)] = flipped
	}
	for what, content := range broken {
		folder := twin(t, filepath.Join(dir, checkpointName(5)))
		name := checkpointName(10)
		if what == "renamed" {
			name = checkpointName(11)
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, ".step-7"+checkpointEnding+"123"), newest[:9], 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "notes.txt"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		m, h, err := resumable(t, ctx, &out, Checkpoints(folder, KeepLast(1)))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		wantSame(t, what, m, want, h, wantHistory)
		if !strings.HasPrefix(out.String(), "warning: passing over a checkpoint: "+folder) || !strings.Contains(out.String(), "after 1 epochs and 1 steps of the next") {
			t.Errorf("%s: it reports %q", what, out.String())
		}
		files, err := os.ReadDir(folder)
		if err != nil || len(files) != 2 || files[0].Name() != "notes.txt" || files[1].Name() != checkpointName(12) {
			t.Errorf("%s: the folder holds %v at the end (%v)", what, files, err)
		}
	}
}

// What may not be read may be whole: starting anew would be wrong.
func TestCheckpointThatMayNotBeRead(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := resumable(t, context.Background(), &bytes.Buffer{}, Checkpoints(dir)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, checkpointName(12))
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(path); err == nil {
		f.Close()
		t.Skip("this user may read everything")
	}
	if _, _, err := resumable(t, context.Background(), &bytes.Buffer{}, Checkpoints(dir)); !errors.Is(err, os.ErrPermission) {
		t.Errorf("got error %v, want %v", err, os.ErrPermission)
	}
}

func TestCheckpointsOfSomethingElse(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	if _, _, err := resumable(t, ctx, &bytes.Buffer{}, Checkpoints(dir), Callbacks(remembering{name: "x"})); err != nil {
		t.Fatal(err)
	}
	other := func(p float64, width int) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.Tanh(nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("fc1"), x, width)))
			return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop"), x, p), 2)
		}
	}
	for name, c := range map[string]struct {
		net  graph.Func
		seed uint64
		o    *Optimizer
		data int
		opts []FitOption
		want string
	}{
		"rate of dropout": {net: other(0.2, 8), want: "it is of another model: layer 4 was drop Dropout(p=0.1) and is drop Dropout(p=0.2)"},
		"width":           {net: other(0.1, 9), want: "nothing loaded"},
		"seed":            {seed: 6, want: "it is of another training: seed was 5 and is 6"},
		"optimiser":       {o: Adam(0.01), want: "optimiser was AdamW, lr 0.01, "},
		"base rate":       {o: AdamW(0.02, ClipNorm(1)), want: "optimiser was AdamW, lr 0.01, "},
		"samples":         {data: 57, want: "it is of another training: samples was [56 40] and is [57 40]"},
		"batch":           {opts: []FitOption{BatchSize(8)}, want: "batch was 16 and is 8"},
		"order":           {opts: []FitOption{Loading(Shuffle(9))}, want: "it is of other data: another content has the first batch"},
		"metrics":         {opts: []FitOption{Metrics(nodes.TopK(2))}, want: "metrics was [accuracy confusion] and is [accuracy confusion top2]"},
		"schedule":        {opts: []FitOption{WithSchedule(Constant())}, want: "it is of another schedule: the rate of step 13 was "},
		"no schedule":     {opts: []FitOption{WithSchedule(nil)}, want: "it is of a run with a schedule"},
		"fewer epochs":    {opts: []FitOption{Epochs(2)}, want: "it is after 3 epochs and 0 steps, and Epochs asks for 2"},
		"callbacks":       {opts: []FitOption{Callbacks(remembering{name: "y"})}, want: "it has no state of the callback y"},
	} {
		if c.net == nil {
			c.net = planeNet
		}
		if c.seed == 0 {
			c.seed = 5
		}
		if c.o == nil {
			c.o = AdamW(0.01, ClipNorm(1))
		}
		if c.data == 0 {
			c.data = 56
		}
		m, err := graph.Build(c.net, graph.Shape{16, 2}, graph.Seed(c.seed))
		if err != nil {
			t.Fatal(err)
		}
		before := bits(m)
		_, err = Fit(ctx, m, twoClasses(t, c.data), nodes.CrossEntropy(), c.o, append([]FitOption{
			Epochs(3), Validation(twoClasses(t, 40)), Metrics(nodes.Accuracy(), nodes.ConfusionMatrix(2)), ReportTo(nil),
			WithSchedule(ReduceOnPlateau(Patience(0), Threshold(0.5))), Checkpoints(dir), Callbacks(remembering{name: "x"}),
		}, c.opts...)...)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), remedy) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, c.want)
		}
		if !slices.Equal(bits(m), before) {
			t.Errorf("%s: the weights have changed", name)
		}
	}
	_, _, err := resumable(t, ctx, &bytes.Buffer{}, Checkpoints(dir))
	if want := "it has the state of a callback x, and there is none now"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one that says %q", err, want)
	}
}

func TestCheckpointsKept(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		opts []CheckpointOption
		want []int
	}{
		"default":  {nil, []int{12, 8, 4}},
		"two":      {[]CheckpointOption{KeepLast(2), EveryEpochs(2)}, []int{12, 8}},
		"steps":    {[]CheckpointOption{EverySteps(5)}, []int{12, 10, 5}},
		"interval": {[]CheckpointOption{EveryInterval(time.Hour)}, []int{12}},
		"moments":  {[]CheckpointOption{EveryInterval(1)}, []int{12, 11, 10}},
		"best":     {[]CheckpointOption{KeepLast(1), EverySteps(11), KeepBest(1, Highest("accuracy"))}, nil},
	} {
		dir := t.TempDir()
		_, h, err := resumable(t, ctx, &bytes.Buffer{}, Checkpoints(dir, c.opts...))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c.want == nil {
			best := slices.MaxFunc(h.Epochs, func(a, b Epoch) int {
				va, _ := Highest("accuracy").Of(a)
				vb, _ := Highest("accuracy").Of(b)
				switch {
				case va > vb:
					return 1
				case va < vb:
					return -1
				}
				return 0
			})
			c.want = slices.Compact([]int{12, 4 * best.Number})
		}
		if got := mustList(t, dir); !slices.Equal(got, c.want) {
			t.Errorf("%s: got checkpoints after %v steps, want %v", name, got, c.want)
		}
	}
}

// A context that ends leaves a checkpoint after the step at hand, wherever it ends.
func TestCheckpointWhenCancelled(t *testing.T) {
	want, wantHistory, err := resumable(t, context.Background(), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		steps int
		stop  bool
		valid bool
	}{"in an epoch": {steps: 6}, "stopped": {steps: 6, stop: true}, "at its end": {steps: 8}, "in validation": {steps: 8, valid: true}} {
		ctx, cancel := context.WithCancel(context.Background())
		dir, at := t.TempDir(), &cancelling{steps: c.steps, valid: c.valid, f: func() error {
			if c.stop {
				return Stop
			}
			cancel()
			return ctx.Err()
		}}
		_, h, err := resumable(t, ctx, &bytes.Buffer{}, Checkpoints(dir, EveryEpochs(2)), Callbacks(at))
		cancel()
		if c.stop != (err == nil) || !c.stop && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v", name, err)
		}
		if got := mustList(t, dir); len(got) == 0 || got[0] != c.steps || len(h.Epochs) != 1 {
			t.Errorf("%s: got checkpoints after %v steps and %d epochs, want %d and 1", name, got, len(h.Epochs), c.steps)
		}
		m, h, err := resumable(t, context.Background(), &bytes.Buffer{}, Checkpoints(dir))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wantSame(t, name, m, want, h, wantHistory)
	}
}

// cancelling calls f after so many steps, or in the validation after them.
type cancelling struct {
	NoCallback
	steps int
	valid bool
	f     func() error
}

func (c *cancelling) AfterStep(t *Training) error {
	if !c.valid && t.Steps() == c.steps {
		return c.f()
	}
	return nil
}

func (c *cancelling) BeforeValidation(t *Training) error {
	if c.valid && t.Steps() == c.steps {
		return c.f()
	}
	return nil
}

func (c *cancelling) AfterValidation(*Training) error { return nil }

// interrupting is a data set that ends a context when its last sample is asked for the third
// time: the first is for the identity, the others are for the validation of two epochs.
type interrupting struct {
	Dataset
	cancel func()
	asked  *int
}

func (d interrupting) Batch(indices []int) (x, t *tensor.Dense, err error) {
	if slices.Contains(indices, d.Len()-1) {
		if *d.asked++; *d.asked == 3 {
			d.cancel()
		}
	}
	return d.Dataset.Batch(indices)
}

// Validation that is cut off has used the metrics for something else already.
func TestCheckpointInTheMiddleOfValidation(t *testing.T) {
	fit := func(ctx context.Context, validation Dataset, opts ...FitOption) (*graph.Model, *History, error) {
		m := plane(t)
		h, err := Fit(ctx, m, twoClasses(t, 56), nodes.CrossEntropy(), Adam(0.01), append([]FitOption{
			Epochs(3), Validation(validation), Metrics(nodes.Accuracy()), ReportTo(nil),
		}, opts...)...)
		return m, h, err
	}
	data := twoClasses(t, 40)
	want, history, err := fit(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	_, h, err := fit(ctx, interrupting{data, cancel, new(int)}, Checkpoints(dir))
	if !errors.Is(err, context.Canceled) || len(h.Epochs) != 1 || mustList(t, dir)[0] != 8 {
		t.Fatalf("got %d epochs and error %v, with checkpoints after %v steps", len(h.Epochs), err, mustList(t, dir))
	}
	m, h, err := fit(context.Background(), data, Checkpoints(dir))
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "taken up", m, want, h, history)
}

func TestCheckpointMistakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for want, opt := range map[string]FitOption{
		"EveryEpochs is 0, want at least 1":          Checkpoints(t.TempDir(), EveryEpochs(0)),
		"EverySteps is -1, want at least 1":          Checkpoints(t.TempDir(), EverySteps(-1)),
		"EveryInterval is 0s, want more than 0":      Checkpoints(t.TempDir(), EveryInterval(0)),
		"KeepLast is 0, want at least 1":             Checkpoints(t.TempDir(), KeepLast(0)),
		"KeepBest is 0, want at least 1":             Checkpoints(t.TempDir(), KeepBest(0, Lowest("loss"))),
		`KeepBest: the measure is "f1", want one of`: Checkpoints(t.TempDir(), KeepBest(1, Highest("f1"))),
		"the folder is empty":                        Checkpoints(""),
		"is a file, want a folder":                   Checkpoints(file),
		"holds no whole checkpoint":                  Resume(t.TempDir()),
		"Resume: stat ":                              Resume(filepath.Join(t.TempDir(), "none")),
		"is not a safetensors file":                  Resume(file),
	} {
		_, _, err := resumable(t, context.Background(), &bytes.Buffer{}, opt)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}
