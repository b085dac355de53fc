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
)

// The mean by hand, from the parameters that a callback sees after each step.
func TestEMA(t *testing.T) {
	for _, warm := range []bool{false, true} {
		var opts []EMAOption
		if warm {
			opts = append(opts, WarmUpDecay())
		}
		m := plane(t, graph.Float64())
		var mean, raw []float64
		steps := 0
		h, err := Fit(t.Context(), m, twoClasses(t, 64), nodes.CrossEntropy(), Adam(0.01), Epochs(3), Validation(twoClasses(t, 40)), ReportTo(nil),
			Callbacks(EMA(0.9, opts...)), OnStep(func(tr *Training) error {
				decay := 0.9
				if warm {
					decay = min(decay, float64(1+steps)/float64(10+steps))
				}
				raw = params(m)
				if steps++; steps == 1 {
					mean = slices.Clone(raw)
				}
				for i, v := range raw {
					mean[i] = decay*mean[i] + (1-decay)*v
				}
				return nil
			}), OnEpoch(func(Epoch) error {
				if !slices.Equal(params(m), raw) {
					t.Error("after an epoch the model does not have its parameters")
				}
				return nil
			}))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		for i, v := range params(m) {
			if math.Abs(v-mean[i]) > 1e-12 {
				t.Errorf("warm-up %v: parameter %d is %v, want %v", warm, i, v, mean[i])
			}
		}
		e, err := Evaluate(t.Context(), m, twoClasses(t, 40), nodes.CrossEntropy())
		if err != nil {
			t.Fatal(err)
		}
		if was := h.Last().Validation.Loss; math.Abs(e.Loss-was) > 1e-12 {
			t.Errorf("warm-up %v: the loss of the mean is %v, and that of the last validation %v", warm, e.Loss, was)
		}
	}
}

func params(m *graph.Model) (out []float64) {
	for _, w := range m.Weights() {
		if w.Trainable {
			out = append(out, float64s(w.Value)...)
		}
	}
	return out
}

// Runs that are taken up from any step end with the bits of one that was not cut off.
func TestAveragesAcrossCheckpoints(t *testing.T) {
	for name, how := range map[string]func() Callback{
		"ema": func() Callback { return EMA(0.9, WarmUpDecay()) },
		"swa": func() Callback { return SWA(2) },
	} {
		ctx, dir := context.Background(), t.TempDir()
		want, wantHistory, err := resumable(t, ctx, &bytes.Buffer{}, Callbacks(how()), Checkpoints(dir, EverySteps(1), EveryEpochs(1), KeepLast(100)))
		if err != nil {
			t.Fatal(err)
		}
		all := mustList(t, dir)
		if len(all) != 12 {
			t.Fatalf("got checkpoints after %v steps, want 12", all)
		}
		for _, steps := range all { // the last one is of a run that had ended
			m, h, err := resumable(t, ctx, &bytes.Buffer{}, Callbacks(how()), Checkpoints(twin(t, filepath.Join(dir, checkpointName(steps)))))
			if err != nil {
				t.Fatalf("%s, after %d steps: %v", name, steps, err)
			}
			wantSame(t, name+" of "+checkpointName(steps), m, want, h, wantHistory)
		}
		other := map[string]Callback{"ema": EMA(0.9), "swa": SWA(1)}[name]
		_, _, err = resumable(t, ctx, &bytes.Buffer{}, Callbacks(other), Checkpoints(dir))
		wantError(t, err, "callback "+name+": it averaged by ", ", and now it is by ")
		_, _, err = resumable(t, ctx, &bytes.Buffer{}, Checkpoints(dir))
		wantError(t, err, "it has the state of a callback "+name+", and there is none now")
	}
}

// What EarlyStopping restores is the mean of the best epoch, in any order of the two.
func TestEarlyStoppingKeepsTheMean(t *testing.T) {
	best := func(cs ...Callback) *graph.Model {
		m := plane(t)
		h, err := Fit(t.Context(), m, twoClasses(t, 64), nodes.CrossEntropy(), SGD(3), Epochs(12), Validation(twoClasses(t, 40)), ReportTo(nil), Callbacks(cs...))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		e, err := Evaluate(t.Context(), m, twoClasses(t, 40), nodes.CrossEntropy())
		if err != nil {
			t.Fatal(err)
		}
		least := math.Inf(1)
		for _, e := range h.Epochs {
			least = min(least, e.Validation.Loss)
		}
		if e.Loss != least || h.Last().Validation.Loss == least {
			t.Errorf("the model has a loss of %v, want %v, the least one of %d epochs, before the last", e.Loss, least, len(h.Epochs))
		}
		return m
	}
	a := best(EMA(0.5), EarlyStopping(2))
	b := best(EarlyStopping(2), EMA(0.5))
	if !slices.Equal(bits(a), bits(b)) {
		t.Error("the order of the two makes a difference")
	}
}

// After an error the model has its parameters.
func TestAveragesAndErrors(t *testing.T) {
	for _, how := range []Callback{EMA(0.9), SWA(1)} {
		m := plane(t)
		var raw []float64
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Fit(ctx, m, twoClasses(t, 64), nodes.CrossEntropy(), SGD(0.1), Epochs(4), ReportTo(nil), Callbacks(how), OnStep(func(tr *Training) error {
			if raw = params(m); tr.Steps() == 10 {
				cancel()
			}
			return nil
		}))
		if err == nil || !slices.Equal(params(m), raw) {
			t.Errorf("got %v, or the parameters are not those of the last step", err)
		}
	}
	// And so it has where there is nothing to average.
	m := plane(t)
	var raw []float64
	if err := fitPlane(t, m, SGD(0.1), Epochs(3), Callbacks(SWA(3)), OnEpoch(func(Epoch) error { raw = bits(m); return Stop })); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(bits(m), raw) {
		t.Error("SWA that has not begun changes the model")
	}
}

func TestAveragesRefuse(t *testing.T) {
	for want, cs := range map[string][]Callback{
		"EMA: decay is 1, want 0 ≤ decay < 1":                       {EMA(1)},
		"EMA: decay is -0.1":                                        {EMA(-0.1)},
		"EMA: decay is NaN":                                         {EMA(math.NaN())},
		"SWA: first is 0, want the number of an epoch, from 1":      {SWA(0)},
		"SWA: first is epoch 3, and training ends after 2":          {SWA(3)},
		"SWA: EarlyStopping would restore the weights of one epoch": {SWA(1), EarlyStopping(1)},
		"EMA: swa and ema both average the parameters, want one":    {EMA(0.5), SWA(1)},
		`two callbacks are called "ema", want different names`:      {EMA(0.5), EMA(0.9)},
	} {
		wantError(t, fitPlane(t, plane(t), SGD(0.1), Epochs(2), Callbacks(cs...)), "train.Fit: ", want)
	}
	if err := fitPlane(t, plane(t), SGD(0.1), Epochs(2), Callbacks(SWA(1), EarlyStopping(1, LastWeights()))); err != nil {
		t.Errorf("%+v", err)
	}

	damaged := map[string]func(*State){
		"it has averaged -1 times":             func(s *State) { s.Values = []byte(`{"averaged":-1}`) },
		"parameter 1 is fc1.weight of float32": func(s *State) { s.Tensors = s.Tensors[1:] },
		"parameter 6 is fc2.bias of float32":   func(s *State) { s.Tensors = s.Tensors[:5] },
		"has 7 parameters, and the model 6":    func(s *State) { s.Tensors = append(s.Tensors, s.Tensors[0]) },
		"invalid character":                    func(s *State) { s.Values = []byte(`?`) },
	}
	kept := EMA(0.5).(*ema)
	if err := fitPlane(t, plane(t), SGD(0.1), Callbacks(kept)); err != nil {
		t.Fatal(err)
	}
	for want, damage := range damaged {
		s, err := kept.State()
		if err != nil {
			t.Fatal(err)
		}
		damage(&s)
		again := EMA(0.5).(*ema)
		if err = again.Restore(s); err == nil {
			err = fitPlane(t, plane(t), SGD(0.1), Callbacks(again))
		}
		wantError(t, err, want)
	}
}
