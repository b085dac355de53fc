package train

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// EMA keeps an exponential moving average of the parameters, which often predicts better
// than the parameters themselves and varies less from epoch to epoch. After every step
//
//	mean = decay·mean + (1-decay)·parameter
//
// where the first mean is the parameter after the first step. Validation uses the means, and
// the model has them when training ends; after an error it has its parameters. What others
// see in between, such as [OnEpoch], are the parameters; [EarlyStopping] keeps the means of
// the best epoch. Running statistics are not averaged: those of training are used.
//
//	train.Callbacks(train.EMA(0.999))
//
// 0 ≤ decay < 1. A decay of 0.999 looks back some 1000 steps: for short trainings see
// [WarmUpDecay]. With [Checkpoints] parameters and means are saved, and training goes on
// from both.
//
// In PyTorch: AveragedModel with get_ema_multi_avg_fn(decay); in Keras: use_ema of an
// optimiser. Source: Polyak, Juditsky, Acceleration of Stochastic Approximation by
// Averaging, SIAM J. Control Optim. 30, 1992, https://doi.org/10.1137/0330046.
func EMA(decay float64, opts ...EMAOption) Callback {
	e := &ema{average: average{name: "ema"}, decay: decay}
	guard.Apply(e, opts)
	e.how = func() string {
		if e.warm {
			return fmt.Sprintf("decay %v, warmed up", e.decay)
		}
		return fmt.Sprintf("decay %v", e.decay)
	}
	return e
}

// An EMAOption adjusts [EMA].
type EMAOption func(*ema)

// WarmUpDecay makes the decay after t steps min(decay, (1+t)/(10+t)), so that the mean
// forgets the first steps sooner. It is num_updates of ExponentialMovingAverage in
// TensorFlow.
func WarmUpDecay() EMAOption { return func(e *ema) { e.warm = true } }

type ema struct {
	average
	decay float64
	warm  bool
}

// Begin implements [Callback].
func (e *ema) Begin(t *Training) error {
	if !(e.decay >= 0 && e.decay < 1) {
		return errors.Errorf("EMA: decay is %v, want 0 ≤ decay < 1", e.decay)
	}
	return errors.WithMessage(e.begin(t), "EMA")
}

// AfterStep implements [Callback].
func (e *ema) AfterStep(*Training) error {
	decay := e.decay
	if e.warm {
		t := float64(e.n)
		decay = math.Min(decay, (1+t)/(10+t))
	}
	return e.add(1 - decay)
}

// BeforeValidation implements [Validating].
func (e *ema) BeforeValidation(*Training) error { return e.install() }

// AfterValidation implements [Validating].
func (e *ema) AfterValidation(*Training) error { return e.takeOut() }

func (e *ema) finish(*Training) error { return errors.WithMessage(e.install(), "EMA") }

// kept returns copies of the weights that were validated: those of the model, or their
// averages.
func (f *fit) kept() (ts []NamedTensor) {
	mean := map[string]*tensor.Dense{}
	for _, c := range f.callbacks {
		if e, ok := c.(*ema); ok && e.n > 0 {
			for i, w := range e.params {
				mean[w.Name] = e.mean[i]
			}
		}
	}
	for _, w := range f.m.Weights() {
		value := w.Value
		if average := mean[w.Name]; average != nil {
			value = average
		}
		ts = append(ts, NamedTensor{w.Name, value.Clone().(*tensor.Dense)})
	}
	return ts
}
