package train

import (
	"context"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/gorgonia"
)

// Training is a run of [Fit] as a [Callback] sees it. It is valid until Fit
// returns, and not safe for concurrent use: what another goroutine shows, a callback
// copies for it.
type Training struct{ f *fit }

// Context returns that of Fit, for a callback that waits.
func (t *Training) Context() context.Context { return t.f.ctx }

// Model returns the model. A callback may change its weights by
// [graph.Model.Exclusively].
func (t *Training) Model() *graph.Model { return t.f.m }

// Trainer returns the trainer of the steps. After a step it has the gradients.
func (t *Training) Trainer() *graph.Trainer { return t.f.trainer }

// Optimiser returns that given to Fit.
func (t *Training) Optimiser() gorgonia.Solver { return t.f.optimiser }

// Loss returns that given to Fit.
func (t *Training) Loss() graph.Loss { return t.f.loss }

// Data returns the training data.
func (t *Training) Data() Dataset { return t.f.loader.ds }

// Validation returns the data to validate on, nil without.
func (t *Training) Validation() Dataset { return t.f.validation }

// BatchSize returns the number of samples of a step; the last one of an epoch may
// have fewer.
func (t *Training) BatchSize() int { return t.f.loader.batch }

// Epoch returns the number of the epoch at hand, from 1. At Begin it is that which is
// about to start, at End the last one that did.
func (t *Training) Epoch() int { return min(t.f.epoch+1, t.f.last) }

// Epochs returns the number of the last epoch to come, if nothing stops training.
func (t *Training) Epochs() int { return t.f.last }

// Steps returns how many steps the run has made, with those of the run that it goes on
// with, and those that [SkipNonFinite] left out.
func (t *Training) Steps() int { return t.f.step }

// StepsPerEpoch returns the number of batches in an epoch.
func (t *Training) StepsPerEpoch() int { return t.f.loader.Len() }

// Batch returns the batch of the step at hand, or of the last one, empty before the
// first.
func (t *Training) Batch() Batch { return t.f.b }

// Result returns what the last step computed. Its output is valid at AfterStep only.
func (t *Training) Result() graph.Result { return t.f.result }

// LearningRate returns that of the step at hand, or of the last one; 0 for a solver of
// another package.
func (t *Training) LearningRate() float64 {
	if o, ours := t.f.optimiser.(*Optimizer); ours {
		return o.LR()
	}
	return 0
}

// Scores returns the loss and the metrics over the steps of the epoch so far: up to the
// step before at BeforeStep, with the last one at AfterStep, and nothing elsewhere.
func (t *Training) Scores() Evaluation {
	if t.f.sum == nil {
		return Evaluation{}
	}
	return t.f.sum.evaluation()
}

// History returns the epochs so far. It is a copy.
func (t *Training) History() *History { return t.f.history.clone() }

// Skipped returns how many of the steps [SkipNonFinite] left out.
func (t *Training) Skipped() int { return t.f.skipped }

// Report writes a line where Fit reports: see [ReportTo].
func (t *Training) Report(line string) { t.f.report.note(line) }
