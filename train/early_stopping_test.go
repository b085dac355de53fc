package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// wobbling trains with a rate that makes some epochs worse than those before. It
// keeps the weights after each epoch.
func wobbling(t *testing.T, early *EarlyStopper, opts ...FitOption) (*graph.Model, *History, [][]float64) {
	t.Helper()
	m := plane(t)
	var after [][]float64
	h, err := Fit(context.Background(), m, twoClasses(t, 64), nodes.CrossEntropy(), Adam(0.3), append([]FitOption{
		Epochs(30), Validation(twoClasses(t, 48)), Metrics(nodes.Accuracy()), ReportTo(nil),
		OnEpoch(func(Epoch) error { after = append(after, bits(m)); return nil }), Callbacks(early),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m, h, after
}

func TestEarlyStopping(t *testing.T) {
	for name, c := range map[string]struct {
		patience int
		measure  Measure
		delta    float64
		last     bool
	}{
		"loss":     {patience: 2},
		"patient":  {patience: 4, measure: Lowest("loss")},
		"accuracy": {patience: 2, measure: Highest("accuracy")},
		"delta":    {patience: 1, measure: Highest("accuracy"), delta: 0.1},
		"last":     {patience: 1, last: true},
	} {
		opts := []EarlyStoppingOption{Watch(c.measure), MinDelta(c.delta)}
		if c.last {
			opts = append(opts, LastWeights())
		}
		early := EarlyStopping(c.patience, opts...)
		m, h, after := wobbling(t, early)

		best, without, v := 0, 0, math.NaN()
		for _, e := range h.Epochs { // by hand
			now := e.Validation.Loss
			better := now < v-c.delta
			if c.measure.higher {
				now, _ = e.Validation.Score("accuracy")
				better = now > v+c.delta
			}
			if best == 0 || better {
				best, without, v = e.Number, 0, now
			} else {
				without++
			}
		}
		if len(h.Epochs) == 30 || without != c.patience {
			t.Errorf("%s: it ends after %d epochs, %d of them without a better one, want %d", name, len(h.Epochs), without, c.patience)
		}
		if epoch, value := early.Best(); epoch != best || value != v {
			t.Errorf("%s: the best is epoch %d with %v, want %d with %v", name, epoch, value, best, v)
		}
		want := after[best-1]
		if c.last {
			want = after[len(after)-1]
		}
		if !slices.Equal(bits(m), want) {
			t.Errorf("%s: the weights are not those of epoch %d", name, best)
		}
	}
}

func TestEarlyStoppingGoesOn(t *testing.T) {
	dir := t.TempDir()
	want, history, _ := wobbling(t, EarlyStopping(3))
	first := EarlyStopping(3)
	if _, h, _ := wobbling(t, first, Checkpoints(dir), Epochs(len(history.Epochs)-1)); len(h.Epochs) != len(history.Epochs)-1 {
		t.Fatalf("got %d epochs, want one fewer than %d", len(h.Epochs), len(history.Epochs))
	}
	for _, what := range []string{"taken up", "taken up at its end"} {
		early := EarlyStopping(3)
		m, h, _ := wobbling(t, early, Checkpoints(dir))
		wantSame(t, what, m, want, h, history)
		if got, _ := early.Best(); got != len(history.Epochs)-3 {
			t.Errorf("%s: the best epoch is %d, want %d", what, got, len(history.Epochs)-3)
		}
	}
}

func TestEarlyStoppingOfNaN(t *testing.T) {
	early := EarlyStopping(2)
	if epoch, v := early.Best(); epoch != 0 || !math.IsNaN(v) {
		t.Errorf("got best %d, %v before the first epoch, want 0 and NaN", epoch, v)
	}
	tr := &Training{f: &fit{report: lines{w: &bytes.Buffer{}}}}
	nan := Epoch{Number: 1, Evaluation: Evaluation{Loss: math.NaN()}}
	if err := early.EndEpoch(tr, nan); err != nil {
		t.Errorf("got %v after one NaN", err)
	}
	if err := early.EndEpoch(tr, nan); err != Stop || !strings.Contains(early.String(), "never a number") {
		t.Errorf("got %v after two NaN: %v", err, early)
	}
}

func TestEarlyStoppingMistakes(t *testing.T) {
	for want, early := range map[string]*EarlyStopper{
		"EarlyStopping: patience is 0, want at least 1":                           EarlyStopping(0),
		"EarlyStopping: MinDelta is NaN, want 0 ≤ MinDelta < ∞":                   EarlyStopping(1, MinDelta(math.NaN())),
		`EarlyStopping: the measure is "f1", want one of loss: see train.Metrics`: EarlyStopping(1, Watch(Highest("f1"))),
	} {
		_, err := Fit(context.Background(), plane(t), twoClasses(t, 32), nodes.CrossEntropy(), Adam(0.1), ReportTo(nil), Callbacks(early))
		if err == nil || err.Error() != "train.Fit: "+want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
