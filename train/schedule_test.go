package train_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/train"
)

func rate(t *testing.T, s train.Schedule, base float64, at train.Progress) float64 {
	t.Helper()
	lr, err := s(base, at)
	if err != nil {
		t.Fatal(err)
	}
	return lr
}

func TestSchedulesStayAtTheirEnd(t *testing.T) {
	for name, c := range map[string]struct {
		s    train.Schedule
		want float64
	}{
		"Cosine":      {train.Cosine(train.InSteps(10), 0.125), 0.125},
		"LinearDecay": {train.LinearDecay(train.InSteps(10)), 0},
		"OneCycle":    {train.OneCycle(train.InSteps(10), train.DivFactor(4), train.FinalDivFactor(8)), 1.0 / 32},
		"one step":    {train.OneCycle(train.InSteps(1), train.DivFactor(4), train.FinalDivFactor(8)), 1.0 / 32},
	} {
		for _, step := range []int{10, 11, 1000} {
			if got := rate(t, c.s, 1, train.Progress{Step: step}); got != c.want {
				t.Errorf("%s at step %d: got %v, want %v", name, step, got, c.want)
			}
		}
	}
}

func TestSpansInEpochsAreSpansInSteps(t *testing.T) {
	with := func(span func(int) train.Span, n int) []train.Schedule {
		return []train.Schedule{
			train.StepLR(span(2*n), 0.5),
			train.Exponential(span(n), 0.5),
			train.LinearDecay(span(3 * n)),
			train.Cosine(span(3*n), 0.1),
			train.OneCycle(span(4 * n)),
			train.Warmup(span(n), train.Cosine(span(3*n), 0)),
		}
	}
	inEpochs, inSteps := with(train.InEpochs, 1), with(train.InSteps, 5)
	for i := range inEpochs {
		for step := range 25 {
			at := train.Progress{Step: step, StepsPerEpoch: 5}
			if got, want := rate(t, inEpochs[i], 2, at), rate(t, inSteps[i], 2, at); got != want {
				t.Errorf("schedule %d at step %d: got %v in epochs, want %v as in steps", i, step, got, want)
			}
		}
	}
}

func TestOneCycleWithoutARise(t *testing.T) {
	// A tenth of 10 steps is the first alone: the peak is at step 0.
	s := train.OneCycle(train.InSteps(10), train.PctStart(0.1))
	if got := rate(t, s, 0.5, train.Progress{}); got != 0.5 {
		t.Errorf("got %v, want 0.5", got)
	}
}

func TestPlateauHoldsNaNForBad(t *testing.T) {
	s := train.ReduceOnPlateau(train.Patience(1), train.Factor(0.5))
	nan := math.NaN()
	for _, c := range []struct {
		metrics []float64
		want    float64
	}{
		{[]float64{nan}, 1},
		{[]float64{nan, nan}, 0.5},
		{[]float64{3, nan, 2, nan}, 1},
	} {
		if got := rate(t, s, 1, train.Progress{Metrics: c.metrics}); got != c.want {
			t.Errorf("after %v: got %v, want %v", c.metrics, got, c.want)
		}
	}
}

func TestSchedulesRefuseArguments(t *testing.T) {
	ten := train.InSteps(10)
	epochs := train.InEpochs(1)
	for want, s := range map[string]train.Schedule{
		"train.StepLR: gamma is -1, want 0 ≤ gamma < ∞":                  train.StepLR(ten, -1),
		"train.StepLR: span is 0, want at least 1":                       train.StepLR(train.InSteps(0), 1),
		"train.Exponential: gamma is NaN, want":                          train.Exponential(ten, math.NaN()),
		"train.Cosine: min is -1, want 0 ≤ min < ∞":                      train.Cosine(ten, -1),
		"train.Cosine: span is -3, want at least 1":                      train.Cosine(train.InEpochs(-3), 0),
		"train.LinearDecay: span is 0, want at least 1":                  train.LinearDecay(train.Span{}),
		"train.LinearDecay: Progress.StepsPerEpoch is 0, want":           train.LinearDecay(epochs),
		"train.OneCycle: pctStart is 1, want 0 ≤ pctStart < 1":           train.OneCycle(ten, train.PctStart(1)),
		"train.OneCycle: divFactor is 0.5, want 1 ≤ divFactor < ∞":       train.OneCycle(ten, train.DivFactor(0.5)),
		"train.OneCycle: finalDivFactor is 0, want":                      train.OneCycle(ten, train.FinalDivFactor(0)),
		"train.Warmup: span is 0, want at least 1":                       train.Warmup(train.InSteps(0), train.Constant()),
		"train.Warmup: then is nil":                                      train.Warmup(ten, nil),
		"train.Cosine: min is -2":                                        train.Warmup(ten, train.Cosine(ten, -2)),
		"train.PerEpoch: Progress.StepsPerEpoch is 0, want at least 1":   train.PerEpoch(train.Constant()),
		"train.PerEpoch: schedule is nil":                                train.PerEpoch(nil),
		"train.ReduceOnPlateau: factor is 1, want 0 ≤ factor < 1":        train.ReduceOnPlateau(train.Factor(1)),
		"train.ReduceOnPlateau: threshold is -1, want 0 ≤ threshold < 1": train.ReduceOnPlateau(train.Threshold(-1)),
		"train.ReduceOnPlateau: minLR is -1, want 0 ≤ minLR < ∞":         train.ReduceOnPlateau(train.MinLR(-1)),
		"train.ReduceOnPlateau: patience is -1, want 0 ≤ patience < ∞":   train.ReduceOnPlateau(train.Patience(-1)),
		"train.ReduceOnPlateau: cooldown is -1, want 0 ≤ cooldown < ∞":   train.ReduceOnPlateau(train.Cooldown(-1)),
	} {
		for range 2 {
			_, err := s(1, train.Progress{Step: 3})
			expect(t, err, want)
		}
	}
	_, err := train.ReduceOnPlateau()(1, train.Progress{Step: 10, StepsPerEpoch: 5, Metrics: []float64{1}})
	expect(t, err, "train.ReduceOnPlateau: Progress.Metrics has 1 values after 2 epochs, want one for each")
	// An error of one call is not one of the next.
	s := train.LinearDecay(epochs)
	if _, err := s(1, train.Progress{}); err == nil {
		t.Error("got no error where the length of an epoch is unknown")
	}
	if got := rate(t, s, 1, train.Progress{Step: 1, StepsPerEpoch: 4}); got != 0.75 {
		t.Errorf("after an error: got %v, want 0.75", got)
	}
}
