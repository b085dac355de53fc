package train

import (
	"bytes"
	"context"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func smooth(s *graph.Scope, x *graph.Node) *graph.Node {
	return nodes.Linear(s.In("fc2"), nodes.Tanh(nodes.Linear(s.In("fc1"), x, 8)), 2)
}

func buildSmooth(t *testing.T, batch int) *graph.Model {
	t.Helper()
	m, err := graph.Build(smooth, graph.Shape{batch, 2}, graph.Seed(5), graph.Float64())
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

// Without a batch norm and masks, four batches of 4 are one of 16, also where the epoch
// ends with a short one.
func TestAccumulateIsALargerBatch(t *testing.T) {
	fit := func(m *graph.Model, opts ...FitOption) *History {
		t.Helper()
		h, err := Fit(t.Context(), m, twoClasses(t, 55), nodes.CrossEntropy(), AdamW(0.01, ClipNorm(0.5)), append(opts,
			Epochs(3), Validation(twoClasses(t, 20)), Metrics(nodes.Accuracy()), WithSchedule(Cosine(InEpochs(3), 0)), ReportTo(nil))...)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return h
	}
	whole, parts := buildSmooth(t, 16), buildSmooth(t, 4)
	want := fit(whole)
	got := fit(parts, Accumulate(4), OnStep(func(tr *Training) error {
		size := 16
		if tr.Steps()%4 == 0 {
			size = 55 % 16
		}
		switch shape := tr.Result().Output.Shape(); {
		case tr.Batch().X.Shape()[0] != size || !slices.Equal(shape, graph.Shape{size, 2}):
			t.Errorf("step %d has a batch of %v and an output of %v, want %d samples", tr.Steps(), tr.Batch().X.Shape(), shape, size)
		case tr.BatchSize() != 16 || tr.StepsPerEpoch() != 4:
			t.Errorf("got steps of %d and %d in an epoch, want 16 and 4", tr.BatchSize(), tr.StepsPerEpoch())
		}
		return nil
	}))
	for i, w := range whole.Weights() {
		for k, v := range parts.Weights()[i].Value.Float64s() {
			if u := w.Value.Float64s()[k]; math.Abs(u-v) > 1e-12 {
				t.Fatalf("%s, element %d: got %v, want %v", w.Name, k, v, u)
			}
		}
	}
	for i, e := range got.Epochs {
		w := want.Epochs[i]
		if math.Abs(e.Loss-w.Loss) > 1e-12 || e.Scores[0] != w.Scores[0] || e.LearningRate != w.LearningRate {
			t.Errorf("epoch %d: got %+v, want %+v", i+1, e, w)
		}
	}
}

// With masks and a batch norm, too, a run that was cut off ends with the bits of one that
// was not; so does one that is continued by another model.
func TestAccumulateGoesOn(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	acc := Accumulate(3) // 56 samples in batches of 16: a step of 48, and one of 8
	want, wantHistory, err := resumable(t, ctx, &bytes.Buffer{}, acc, Checkpoints(dir, EverySteps(1), KeepLast(100)))
	if err != nil {
		t.Fatal(err)
	}
	if want.Step() != 3*4 {
		t.Errorf("the model took %d steps, want one for each of 12 batches", want.Step())
	}
	all := mustList(t, dir)
	if len(all) != 6 {
		t.Fatalf("got checkpoints after %v steps, want 6", all)
	}
	for _, steps := range all {
		folder := twin(t, filepath.Join(dir, checkpointName(steps)))
		m, h, err := resumable(t, ctx, &bytes.Buffer{}, acc, Checkpoints(folder))
		if err != nil {
			t.Fatalf("after %d steps: %v", steps, err)
		}
		wantSame(t, checkpointName(steps), m, want, h, wantHistory)
		_, _, err = resumable(t, ctx, &bytes.Buffer{}, Accumulate(2), Checkpoints(folder))
		wantError(t, err, "it is of another training: accumulate was 3 and is 2")
	}

	fit := func(m *graph.Model, o *Optimizer, opts ...FitOption) *History {
		t.Helper()
		h, err := Fit(ctx, m, twoClasses(t, 56), nodes.CrossEntropy(), o, append(opts, acc, ReportTo(nil))...)
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return h
	}
	once, first, second := plane(t), plane(t), plane(t)
	fit(once, SGD(0.1), Epochs(3))
	h := fit(first, SGD(0.1), Epochs(2))
	for i, w := range second.Weights() {
		if err := tensor.Copy(w.Value, first.Weights()[i].Value); err != nil {
			t.Fatal(err)
		}
	}
	fit(second, SGD(0.1), Continue(h))
	if !slices.Equal(bits(second), bits(once)) {
		t.Error("two epochs and one in another model are not three")
	}
}

// One batch of a step that is not finite leaves out all of it, running statistics too,
// whichever it is.
func TestAccumulateSkipsTheWholeStep(t *testing.T) {
	for _, at := range []int{3, 10, 17, 24} {
		x, c := make([]float32, 64), make([]int, 32)
		for i := range x {
			x[i], c[i/2] = float32(math.Sin(float64(i))), i/2%2
		}
		x[2*at] = float32(math.NaN())
		ds, err := Tensors(tensor.New(tensor.WithShape(32, 2), tensor.WithBacking(x)), tensor.New(tensor.WithShape(32), tensor.WithBacking(c)))
		if err != nil {
			t.Fatal(err)
		}
		in := func(m *graph.Model, opts ...FitOption) error {
			_, err := Fit(t.Context(), m, ds, nodes.CrossEntropy(), SGD(0.1), append(opts, Accumulate(2), ReportTo(nil))...)
			return err
		}
		m, before := plane(t), plane(t)
		if err := in(m, SkipNonFinite(1)); err != nil {
			t.Fatalf("%+v", err)
		}
		if !slices.Equal(bits(m), bits(before)) {
			t.Error("a step that was left out changed the model")
		}
		wantError(t, in(plane(t)), "train.Fit: epoch 1", "the loss is NaN", "the input")
	}
}

func TestAccumulateRefuses(t *testing.T) {
	wantError(t, fitPlane(t, plane(t), SGD(0.1), Accumulate(0)), "train.Fit: Accumulate is 0, want at least 1")
	wantError(t, fitPlane(t, plane(t), SGD(0.1), Accumulate(math.MaxInt)), "too many for batches of 16")
	wantError(t, fitPlane(t, plane(t), SGD(0.1), Accumulate(8), Loading(DropLast())), "DropLast drops the only batch: 64 samples in batches of 128")
}
