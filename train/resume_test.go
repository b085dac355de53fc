package train

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
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
