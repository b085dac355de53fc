package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// The losses are those of a loop by hand, and all is as before in the end.
func TestFindLR(t *testing.T) {
	over := LRRange{From: 1e-4, To: 1, Steps: 20}
	m, o := plane(t), Adam(0.01, ClipNorm(1))
	if err := fitPlane(t, m, o); err != nil { // moments, statistics and a step to come back to
		t.Fatal(err)
	}
	before, state, step := bits(m), o.State(), m.Step()
	curve, err := FindLR(t.Context(), m, twoClasses(t, 64), nodes.CrossEntropy(), o, over)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if !slices.Equal(bits(m), before) || m.Step() != step || o.LR() != 0.01 {
		t.Errorf("the model or the optimiser has changed: step %d and rate %v, want %d and 0.01", m.Step(), o.LR(), step)
	}
	for i, s := range o.State() {
		if s.Name != state[i].Name || !equalData(s.Value.Data(), state[i].Value.Data()) {
			t.Errorf("the optimiser's %s has changed", s.Name)
		}
	}

	tr := m.Trainer(nodes.CrossEntropy())
	l, err := NewLoader(twoClasses(t, 64), 16, Shuffle(m.Seed()))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for epoch := range 5 {
		for b, err := range l.Epoch(t.Context(), epoch) {
			if err != nil {
				t.Fatal(err)
			}
			rate := 1e-4 * math.Pow(1e4, float64(n)/19)
			if err := o.SetLR(rate); err != nil {
				t.Fatal(err)
			}
			r, err := tr.Step(b.X, b.T)
			if err != nil {
				t.Fatal(err)
			}
			if n >= len(curve.Rates) {
				t.Fatalf("it ends after %d steps", n)
			}
			if curve.Losses[n] != r.Loss || math.Abs(curve.Rates[n]-rate) > 1e-12 {
				t.Errorf("step %d: got %v and %v, want %v and %v", n+1, curve.Rates[n], curve.Losses[n], rate, r.Loss)
			}
			if err := tr.Update(o); err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	if len(curve.Rates) != n {
		t.Errorf("got %d steps, want %d", len(curve.Rates), n)
	}
}

func TestFindLREndsWhereTheLossDiverges(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node { return nodes.Linear(s.In("fc"), x, 1) }, graph.Shape{16, 2}, graph.Seed(1))
	if err != nil {
		t.Fatal(err)
	}
	loss := func(y, target *graph.Node) *graph.Node { return nodes.MSE()(y, nodes.Add(y, y)) } // grows without end
	before := bits(m)
	for _, to := range []float64{1e3, 1e30} { // by degrees, and past what float32 has
		curve, err := FindLR(t.Context(), m, twoClasses(t, 64), loss, SGD(1), LRRange{From: 0.1, To: to})
		if err != nil {
			t.Fatalf("up to %g: %+v", to, err)
		}
		if n := len(curve.Rates); n == 100 || n < 3 {
			t.Errorf("up to %g: got %d steps, want an end before the last", to, n)
		}
		if !slices.Equal(bits(m), before) {
			t.Errorf("up to %g: the model has changed", to)
		}
	}
}

// Losses are smoothed by a bell curve, so that a single one spreads as that.
func TestLRCurveIsSmoothed(t *testing.T) {
	c := &LRCurve{Losses: make([]float64, 41)}
	c.Losses[20] = 1
	c.smooth(2)
	sum := 0.0
	for i, v := range c.Smoothed {
		sum += v
		if want := math.Exp(-float64((i-20)*(i-20))/8) / (2 * math.Sqrt(2*math.Pi)); math.Abs(v-want) > 1e-6 {
			t.Errorf("at %d: got %v, want %v", i, v, want)
		}
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("the sum is %v, want 1", sum)
	}
}

func TestLRCurveSuggestion(t *testing.T) {
	c := &LRCurve{}
	for i := range 50 { // lowest at step 35
		c.Rates = append(c.Rates, math.Pow(10, float64(i)/10-5))
		c.Losses = append(c.Losses, math.Abs(float64(i-35)))
	}
	c.smooth(1)
	rate, err := c.Suggestion()
	if err != nil || rate != c.Rates[35]/10 {
		t.Errorf("got %v and %v, want %v", rate, err, c.Rates[35]/10)
	}
	path := filepath.Join(t.TempDir(), "rates.png")
	if err := c.Plot(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() < 1000 {
		t.Errorf("the picture: %v, %v", info, err)
	}
	wantError(t, c.Plot("rates.svg"), "train.LRCurve.Plot: path ends in .svg, want .png")
	for i := range c.Smoothed {
		c.Smoothed[i] = float64(i)
	}
	_, err = c.Suggestion()
	wantError(t, err, "the loss is lowest at a rate of 1e-05, of 1e-05 to 0.794")
	_, err = (*LRCurve)(nil).Suggestion()
	wantError(t, err, "there is no step")
	wantError(t, (&LRCurve{}).Plot("a.png"), "fewer than 2 steps")
}

// The first loss is in the middle of the axis, unless the loss does not fall.
func TestLRCurveBounds(t *testing.T) {
	for _, test := range []struct {
		losses []float64
		lo, hi float64
	}{
		{[]float64{2, 1.5, 1, 50}, 1, 3},
		{[]float64{2, 1.5, 1}, 1, 3},
		{[]float64{2, 3, 8}, 2, 8},
		{[]float64{2, 2}, 2, 2},
	} {
		c := &LRCurve{Rates: test.losses, Losses: test.losses, Smoothed: test.losses}
		if lo, hi := c.bounds(); lo != test.lo || hi != test.hi {
			t.Errorf("%v: got %v to %v, want %v to %v", test.losses, lo, hi, test.lo, test.hi)
		}
	}
	flat := &LRCurve{Rates: []float64{1, 2}, Losses: []float64{2, 2}, Smoothed: []float64{2, 2}}
	if err := flat.Plot(filepath.Join(t.TempDir(), "flat.png")); err != nil {
		t.Error(err)
	}
}

func TestFindLRRefuses(t *testing.T) {
	data := twoClasses(t, 64)
	for want, with := range map[string]struct {
		over LRRange
		opt  FitOption
	}{
		"the rates go from 1 to 0.1, want 0 < From < To":      {over: LRRange{From: 1, To: 0.1}},
		"the rates go from -1 to 10":                          {over: LRRange{From: -1}},
		"the rates go from NaN to 10":                         {over: LRRange{From: math.NaN()}},
		"the rates go from 1e-07 to +Inf":                     {over: LRRange{To: math.Inf(1)}},
		"Steps is 9, want at least 10":                        {over: LRRange{Steps: 9}},
		"leave out WithSchedule, Validation, Checkpoints":     {opt: Validation(data)},
		"Accumulate is 0, want at least 1":                    {opt: Accumulate(0)},
		`pattern "fc9" matches no parameter, want fc1.*`[:35]: {opt: Freeze("fc9")},
	} {
		m := plane(t)
		before := bits(m)
		_, err := FindLR(t.Context(), m, data, nodes.CrossEntropy(), SGD(0.1), with.over, with.opt)
		wantError(t, err, "train.FindLR: ", want)
		if !slices.Equal(bits(m), before) {
			t.Errorf("%s: the model has changed", want)
		}
	}
	_, err := FindLR(t.Context(), plane(t), data, nodes.CrossEntropy(), nil, LRRange{})
	wantError(t, err, "train.FindLR: the optimiser is nil")

	ctx, cancel := context.WithCancel(t.Context())
	m := plane(t)
	before := bits(m)
	_, err = FindLR(ctx, m, data, nodes.CrossEntropy(), SGD(0.1), LRRange{}, OnStep(func(tr *Training) error {
		if tr.Steps() == 5 {
			cancel()
		}
		return nil
	}))
	if !errors.Is(err, context.Canceled) || !slices.Equal(bits(m), before) {
		t.Errorf("cancelled: got %v, or the model has changed", err)
	}
}
