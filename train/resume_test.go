package train

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// A run that is saved and taken up in a new process, so to speak, ends with the
// bits of one that was not interrupted: masks, running statistics, moments and
// all.
func TestResumeEndsWithTheSameBits(t *testing.T) {
	l, err := NewLoader(twoClasses(t, 160), 16, Shuffle(3))
	if err != nil {
		t.Fatal(err)
	}
	steps := func(m *graph.Model, o *Optimizer, epoch int) {
		t.Helper()
		tr := m.Trainer(nodes.CrossEntropy())
		for b, err := range l.Epoch(context.Background(), epoch) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tr.Step(b.X, b.T); err != nil {
				t.Fatal(err)
			}
			if err := tr.Update(o); err != nil {
				t.Fatal(err)
			}
		}
	}
	whole, o := plane(t), Adam(0.01)
	steps(whole, o, 0)
	steps(whole, o, 1)

	first, o1 := plane(t), Adam(0.01)
	steps(first, o1, 0)
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := export.SaveSafetensors(first, path); err != nil {
		t.Fatal(err)
	}
	second, o2 := plane(t), Adam(0.01)
	if err := export.LoadSafetensors(second, path); err != nil {
		t.Fatal(err)
	}
	if err := o2.Restore(o1.State()); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(bits(second), bits(whole)) {
		t.Fatal("the second epoch changes nothing, so the test finds nothing")
	}
	second.SetStep(first.Step())
	steps(second, o2, 1)
	if !slices.Equal(bits(second), bits(whole)) {
		t.Error("the resumed run ends with other weights")
	}
	if second.Step() != whole.Step() {
		t.Errorf("the resumed run is at step %d, want %d", second.Step(), whole.Step())
	}
}

func TestContinueEndsWithTheSameBits(t *testing.T) {
	fit := func(m *graph.Model, o *Optimizer, opts ...FitOption) *History {
		t.Helper()
		h, err := Fit(context.Background(), m, twoClasses(t, 100), nodes.CrossEntropy(), o,
			append(opts, WithSchedule(Cosine(InEpochs(4), 0)), ReportTo(nil))...)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	whole := plane(t)
	want := fit(whole, Adam(0.01), Epochs(4))

	m, o := plane(t), Adam(0.01)
	first := fit(m, o, Epochs(2))
	got := fit(m, o, Epochs(2), Continue(first))
	if !slices.Equal(bits(m), bits(whole)) {
		t.Error("two epochs and two more end with other weights than four")
	}
	fresh, moments := plane(t), Adam(0.01) // in another process, so to speak
	half, o := plane(t), Adam(0.01)
	fit(half, o, Epochs(2))
	for i, w := range half.Weights() {
		if err := tensor.Copy(fresh.Weights()[i].Value, w.Value); err != nil {
			t.Fatal(err)
		}
	}
	if err := moments.Restore(o.State()); err != nil {
		t.Fatal(err)
	}
	if fit(fresh, moments, Epochs(2), Continue(first)); !slices.Equal(bits(fresh), bits(whole)) || fresh.Step() != whole.Step() {
		t.Errorf("a model built anew goes on to other weights, at step %d, want %d", fresh.Step(), whole.Step())
	}
	half.SetStep(1000) // it has trained before
	if fit(half, o, Continue(first)); half.Step() != 1000+whole.Step()/4 {
		t.Errorf("a model that has taken 1000 steps goes on to step %d, want %d more", half.Step(), whole.Step()/4)
	}
	if len(first.Epochs) != 2 || len(got.Epochs) != 4 || got.Last().Number != 4 || got.Last().Loss != want.Last().Loss {
		t.Errorf("got histories of %d and %d epochs that end with %+v, want 2, 4 and %+v", len(first.Epochs), len(got.Epochs), got.Last(), want.Last())
	}
}
