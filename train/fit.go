package train

import (
	"context"
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
// A [Callback] is told of the events of training, and may stop it. With [Checkpoints] a
// run that was cut off goes on when Fit is called again.
//
// Fit stops with an error if ctx ends, or if the loss is NaN or infinite; the
// error then names the first node that computed such a value, unless [SkipNonFinite]
// leaves such steps out. A panic of the data
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

	of *trainingIdentity

	// where it stands
	ctx         context.Context
	epoch       int // from 0
	last        int // the number of epochs when it ends
	batchesDone int // of the epoch after those in the history
	step        int
	skipped     int
	b           Batch
	result      graph.Result
	sum         *scores       // nil between epochs
	heldSums    *sumsFile     // from validation on, which resets metrics
	began       time.Time     // of the epoch at hand,
	elapsed     time.Duration // and what it took before it was cut off
}

func (f *fit) run(ctx context.Context) error {
	f.ctx, f.training.f = ctx, f
	f.m.SetStep(max(f.m.Step(), uint64(f.epoch*f.batchesPerEpoch()))) // one that is new here has not trained, but its weights have
	if err := f.tryValidation(); err != nil {
		return err
	}
	if err := guard.Call("a callback", f.takeUp); err != nil {
		return err
	}
	f.warn()
	err := f.begin()
	if err == nil {
		err = f.allEpochs()
	}
	if err = f.saveAtEnd(err); errors.Is(err, Stop) {
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

// oneEpoch trains on all batches, or those that are left of an epoch that was cut off,
// and validates.
func (f *fit) oneEpoch() error {
	f.began = time.Now().Add(-f.elapsed)
	f.report.begin(f.epoch)
	if f.sum == nil {
		f.sum = newScores(f.metrics)
	}
	f.report.advance(f.sum.samples, f.sum)
	for b, err := range f.loader.from(f.ctx, f.epoch, f.batchesDone) {
		if err != nil {
			return err
		}
		f.b = b
		stop := f.train()
		if stop != nil && !f.ends(stop) {
			return f.loader.blame(f.shortBatch(stop, b), f.epoch, b.Index)
		}
		f.report.advance(b.samples(), f.sum)
		if err := f.saveAfterStep(); err != nil {
			return err
		}
		if stop != nil {
			f.report.abort()
			return stop
		}
	}
	e := Epoch{
		Number: f.epoch + 1, Evaluation: f.sum.evaluation(), LearningRate: f.training.LearningRate(),
		Duration: time.Since(f.began),
	}
	var err error
	if e.Validation, err = f.validate(); err != nil {
		return err
	}
	f.sum, f.heldSums, f.elapsed, f.batchesDone = nil, nil, 0, 0
	f.history.Epochs = append(f.history.Epochs, e)
	f.report.end(e)
	stop := f.each(func(c Callback) error { return c.EndEpoch(&f.training, e) })
	if stop != nil && !f.ends(stop) {
		return stop
	}
	if err := f.saveAfterEpoch(); err != nil {
		return err
	}
	return stop
}

// shortBatch adds to an error what may be the cause of it: batch normalisation,
// for one, cannot train on a single sample.
func (f *fit) shortBatch(err error, b Batch) error {
	if n := b.samples(); n < f.loader.batch && f.loader.Len() > 1 {
		return errors.WithMessagef(err, "the last batch has %d of %d samples (train.Loading(train.DropLast()) leaves it out)", n, f.loader.batch)
	}
	return err
}
