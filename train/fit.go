package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
)

// Fit trains a model: for every epoch it takes the batches of data in a new
// order, computes the loss and its gradients, and lets the optimiser update the
// parameters.
//
//	history, err := train.Fit(ctx, m, data, nodes.CrossEntropy(), train.Adam(1e-3),
//		train.Epochs(5), train.Validation(val), train.Metrics(nodes.Accuracy()))
//
// By default it makes one epoch in batches of the size the model was built for,
// shuffled by the model's seed, and reports on standard error: a progress bar
// on a terminal, a line per epoch elsewhere. Before the first epoch of a model it
// writes there what [graph.Model.Warnings] says, unless [Quiet] is given.
//
// The optimiser may be any [gorgonia.Solver]; a [Schedule] needs an
// [*Optimizer]. A second call with the same optimiser goes on with its moments
// and its last learning rate; with [Continue] it also takes up the order of the
// samples and the schedule where the first one ended.
//
// Before the first epoch a batch of the validation data is evaluated, so that
// data that does not fit the model is an error at once.
//
// Fit stops with an error if ctx ends, or if the loss is NaN or infinite; the
// error then names the first node that computed such a value. A panic of the data
// set, of a metric or of any function given to Fit is an error too. In all cases
// the weights are those of the last update, and the history so far is returned.
func Fit(ctx context.Context, m *graph.Model, data Dataset, loss graph.Loss, optimiser gorgonia.Solver, opts ...FitOption) (*History, error) {
	f := &fit{m: m, loss: loss, optimiser: optimiser, history: &History{}}
	err := f.prepare(data, opts)
	if err == nil {
		err = f.run(ctx)
	}
	return f.history, guard.At("train.Fit", err)
}

// Stop is returned by a [Callback], or by an [OnEpoch] or [OnStep] function, to end
// training early without an error.
var Stop = errors.New("stop training")

// fit is one call of Fit.
type fit struct {
	fitSettings
	m         *graph.Model
	loss      graph.Loss
	optimiser gorgonia.Solver
	trainer   *graph.Trainer
	loader    *Loader
	history   *History
	report    reporter
	training  Training // as callbacks see it
	begun     int      // callbacks that were told so

	// where it stands
	ctx    context.Context
	epoch  int // from 0
	last   int // the number of epochs when it ends
	step   int
	b      Batch
	result graph.Result
	sum    *scores
}

// prepare checks the arguments and applies the options.
func (f *fit) prepare(data Dataset, opts []FitOption) error {
	batch, err := batchSize(f.m)
	o, ours := f.optimiser.(*Optimizer)
	switch {
	case err != nil:
		return err
	case f.loss == nil:
		return errors.New("the loss is nil")
	case f.optimiser == nil || ours && o == nil:
		return errors.New("the optimiser is nil")
	}
	f.fitSettings = defaultFit(batch, f.m.Seed())
	guard.Apply(&f.fitSettings, opts)
	switch {
	case f.epochs < 1:
		return errors.Errorf("Epochs is %d, want at least 1", f.epochs)
	case ours && o.Err() != nil:
		return o.Err()
	case !ours && f.schedule != nil:
		return errors.Errorf("a schedule needs an optimiser of this package, got %T", f.optimiser)
	}
	if err := checkMetrics(f.metrics); err != nil {
		return err
	}
	if err := checkCallbacks(f.callbacks); err != nil {
		return err
	}
	if f.loader, err = NewLoader(data, f.batch, f.loading...); err != nil {
		return err
	}
	f.trainer = f.m.Trainer(f.loss)
	f.history.Epochs = slices.Clone(f.before)
	f.epoch, f.last = len(f.before), len(f.before)+f.epochs
	f.step = f.epoch * f.loader.Len()
	f.m.SetStep(max(f.m.Step(), uint64(f.step))) // one that is new here has not trained, but its weights have
	f.report = newReporter(f.out, f.last, f.loader.samples())
	return nil
}

// tryValidation evaluates a batch of the validation data: what is wrong with it
// should not show only after an epoch of training.
func (f *fit) tryValidation() error {
	if f.validation == nil {
		return nil
	}
	l, err := NewLoader(f.validation, f.batch)
	if err != nil {
		return errors.WithMessage(err, "validation")
	}
	b, err := l.load(0, 0, l.cut(l.order(0), 0))
	if err != nil {
		return errors.WithMessage(err, "validation")
	}
	err = guard.Call("a metric", func() error {
		r, err := f.trainer.Evaluate(b.X, b.T)
		if err != nil {
			return err
		}
		return newScores(f.metrics).add(r, b)
	})
	return errors.WithMessage(l.blame(err, 0, b.Index), "validation")
}

func (f *fit) run(ctx context.Context) error {
	f.ctx, f.training.f = ctx, f
	if err := f.tryValidation(); err != nil {
		return err
	}
	f.warn()
	err := f.begin()
	if err == nil {
		err = f.allEpochs()
	}
	if errors.Is(err, Stop) {
		err = nil
	}
	return f.end(err)
}

func (f *fit) allEpochs() error {
	for n := f.epoch; n < f.last; n++ {
		f.epoch = n
		err := guard.Call("a metric, the schedule or a callback", f.oneEpoch)
		switch {
		case errors.Is(err, Stop):
			return err
		case err != nil:
			f.report.abort()
			return errors.WithMessagef(err, "epoch %d", n+1)
		}
	}
	return nil
}

// warn is for a training from the start: one that goes on has warned before.
func (f *fit) warn() {
	if f.out == nil || f.quiet || len(f.before) > 0 {
		return
	}
	for _, line := range f.m.Warnings() {
		fmt.Fprintln(f.out, line)
	}
}

// oneEpoch trains on all batches once and validates.
func (f *fit) oneEpoch() error {
	began := time.Now()
	f.report.begin(f.epoch)
	f.sum = newScores(f.metrics)
	for b, err := range f.loader.Epoch(f.ctx, f.epoch) {
		if err != nil {
			return err
		}
		f.b = b
		if err := f.train(); errors.Is(err, Stop) {
			f.report.abort()
			return err
		} else if err != nil {
			return f.loader.blame(f.shortBatch(err, b), f.epoch, b.Index)
		}
		f.report.advance(b.samples(), f.sum)
	}
	e := Epoch{Number: f.epoch + 1, Evaluation: f.sum.evaluation(), Duration: time.Since(began), LearningRate: f.training.LearningRate()}
	f.sum = nil // validation starts the metrics anew
	var err error
	if e.Validation, err = f.validate(); err != nil {
		return err
	}
	f.history.Epochs = append(f.history.Epochs, e)
	f.report.end(e)
	return f.each(func(c Callback) error { return c.EndEpoch(&f.training, e) })
}

// shortBatch adds to an error what may be the cause of it: batch normalisation,
// for one, cannot train on a single sample.
func (f *fit) shortBatch(err error, b Batch) error {
	if n := b.samples(); n < f.batch && f.loader.Len() > 1 {
		return errors.WithMessagef(err, "the last batch has %d of %d samples (train.Loading(train.DropLast()) leaves it out)", n, f.batch)
	}
	return err
}

// train makes one step.
func (f *fit) train() error {
	if err := f.setRate(); err != nil {
		return err
	}
	err := f.beforeStep()
	if err != nil {
		return err
	}
	if f.result, err = f.trainer.Step(f.b.X, f.b.T); err != nil {
		return err
	}
	if math.IsNaN(f.result.Loss) || math.IsInf(f.result.Loss, 0) {
		return diverged(f.trainer, f.result.Loss)
	}
	if err := f.sum.add(f.result, f.b); err != nil {
		return err
	}
	f.step++
	if err := f.trainer.Update(f.optimiser); err != nil {
		return err
	}
	return f.afterStep()
}

// setRate applies the schedule.
func (f *fit) setRate() error {
	if f.schedule == nil {
		return nil
	}
	lr, err := f.rateAt(f.step, f.history.watched())
	if err != nil {
		return err
	}
	return f.optimiser.(*Optimizer).SetLR(lr)
}

// rateAt returns what the schedule says of a step.
func (f *fit) rateAt(step int, watched []float64) (float64, error) {
	return f.schedule(f.optimiser.(*Optimizer).BaseLR(), Progress{Step: step, StepsPerEpoch: f.loader.Len(), Metrics: watched})
}

// diverged says where a loss that is not finite comes from.
func diverged(t *graph.Trainer, loss float64) error {
	advice := "try a lower learning rate or gradient clipping, and look at the data"
	if cause := t.NonFinite(); cause != nil {
		return errors.WithMessagef(cause, "the loss is %v (%s); the first value that is not finite", loss, advice)
	}
	return errors.Errorf("the loss is %v (%s)", loss, advice)
}
