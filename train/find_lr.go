package train

import (
	"context"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// LRRange says which learning rates [FindLR] tries. A field that is 0 has its default.
type LRRange struct {
	From, To float64 // 1e-7 and 10; 0 < From < To
	Steps    int     // 100; at least 10
}

// LRCurve is the loss at one learning rate after the other, from [FindLR].
type LRCurve struct {
	// Rates are those of the steps that were made.
	Rates []float64
	// Losses are those of the batches, before the step of that rate changes the weights.
	Losses []float64
	// Smoothed is the mean of Losses around each step, weighted by a bell curve whose
	// deviation is a fortieth of the steps asked for.
	Smoothed []float64
}

// FindLR tries learning rates: it trains as [Fit] does while the rate grows from step to
// step by the same factor, and ends after the last step, or as the loss, averaged over
// some ten steps, is 4 times the least such average (where that is negative, above it by
// 3 times its size), or as it is not finite.
//
//	curve, err := train.FindLR(ctx, m, data, nodes.CrossEntropy(), train.Adam(1e-3), train.LRRange{})
//	rate, err := curve.Suggestion()
//	err = curve.Plot("rates.png")
//
// After it, and after an error, the model and the optimiser are as they were before, bit for
// bit. The options are those of Fit that say how a step is made: [BatchSize], [Loading],
// [Accumulate], [Freeze] and callbacks. It ignores [Epochs], and those that validate, save
// or schedule are an error. It reports nothing.
//
// It is the learning-rate range test, lr_find in fastai and in Lightning. Source: Smith,
// Cyclical Learning Rates for Training Neural Networks, WACV 2017,
// https://arxiv.org/abs/1506.01186.
func FindLR(ctx context.Context, m *graph.Model, data Dataset, loss graph.Loss, optimiser *Optimizer, over LRRange, opts ...FitOption) (*LRCurve, error) {
	curve := &LRCurve{}
	err := over.complete()
	if err == nil {
		f := &fit{m: m, loss: loss, optimiser: optimiser, history: &History{}}
		err = f.findLR(ctx, data, over, opts, curve)
	}
	if err != nil {
		return nil, guard.At("train.FindLR", err)
	}
	curve.smooth(float64(over.Steps) / 40)
	return curve, nil
}

// complete fills in the defaults.
func (r *LRRange) complete() error {
	if r.From == 0 {
		r.From = 1e-7
	}
	if r.To == 0 {
		r.To = 10
	}
	if r.Steps == 0 {
		r.Steps = 100
	}
	switch {
	case !(r.From > 0) || !(r.To > r.From) || math.IsInf(r.To, 0):
		return errors.Errorf("the rates go from %v to %v, want 0 < From < To", r.From, r.To)
	case r.Steps < 10:
		return errors.Errorf("Steps is %d, want at least 10", r.Steps)
	}
	return nil
}

// rate returns that of a step.
func (r *LRRange) rate(step int) float64 {
	return r.From * math.Pow(r.To/r.From, float64(step)/float64(r.Steps-1))
}

func (f *fit) findLR(ctx context.Context, data Dataset, over LRRange, opts []FitOption, curve *LRCurve) error {
	if err := f.prepare(data, opts); err != nil {
		return err
	}
	if f.schedule != nil || f.checkpoints != nil || f.resume != nil || f.validation != nil || len(f.before) > 0 {
		return errors.New("it only makes steps: leave out WithSchedule, Validation, Checkpoints, Resume and Continue")
	}
	f.schedule = func(_ float64, at Progress) (float64, error) { return over.rate(at.Step), nil }
	f.last = (over.Steps + f.loader.Len() - 1) / f.loader.Len()
	f.report = newReporter(nil, f.last, f.loader.samples())
	f.quiet, f.skip = true, nil
	f.callbacks = append(f.callbacks, &lrRecorder{curve: curve, steps: over.Steps, least: math.Inf(1)})
	restore := f.remember()
	err := f.run(ctx)
	if back := restore(); back != nil {
		return back
	}
	if l := f.result.Loss; err != nil && (math.IsNaN(l) || math.IsInf(l, 0)) && len(curve.Rates) > 0 {
		return nil // where the rate is too high for any loss
	}
	return err
}

// remember returns what brings the model and the optimiser back.
func (f *fit) remember() (restore func() error) {
	o := f.optimiser.(*Optimizer)
	state, lr, step := o.State(), o.LR(), f.m.Step()
	var weights []*tensor.Dense
	for _, w := range f.m.Weights() {
		weights = append(weights, w.Value.Clone().(*tensor.Dense))
	}
	return func() error {
		f.m.SetStep(step)
		if err := o.Restore(state); err != nil {
			return err
		}
		if err := o.SetLR(lr); err != nil {
			return err
		}
		values := f.m.Weights()
		return f.m.Exclusively(func() error {
			for i, w := range weights {
				if err := tensor.Copy(values[i].Value, w); err != nil {
					return errors.Wrap(err, values[i].Name)
				}
			}
			return nil
		})
	}
}

// lrRecorder takes down the loss of every step.
type lrRecorder struct {
	NoCallback
	curve *LRCurve
	steps int

	average, least float64 // the exponential average of the losses, and its least value
}

func (r *lrRecorder) AfterStep(t *Training) error {
	c := r.curve
	c.Rates, c.Losses = append(c.Rates, t.LearningRate()), append(c.Losses, t.Result().Loss)
	const past = 0.9
	r.average = past*r.average + (1-past)*t.Result().Loss
	loss := r.average / (1 - math.Pow(past, float64(len(c.Losses)))) // which began at 0
	r.least = min(r.least, loss)
	if len(c.Rates) == r.steps || loss > r.least+3*math.Abs(r.least) {
		return Stop
	}
	return nil
}

// smooth looks ahead as far as back, so that it does not lag behind the losses.
func (c *LRCurve) smooth(deviation float64) {
	for i := range c.Losses {
		sum, weights := 0.0, 0.0
		for k, loss := range c.Losses {
			d := float64(k-i) / deviation
			w := math.Exp(-d * d / 2)
			sum, weights = sum+w*loss, weights+w
		}
		c.Smoothed = append(c.Smoothed, sum/weights)
	}
}
