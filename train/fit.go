package train

import (
	"context"
	"math"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
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
// on a terminal, a line per epoch elsewhere.
//
// The optimiser may be any [gorgonia.Solver]; a [Schedule] needs an
// [*Optimizer].
//
// Fit stops with an error if ctx ends, or if the loss is NaN or infinite; the
// error then names the first node that computed such a value. In either case
// the weights are those of the last update, and the history so far is returned.
func Fit(ctx context.Context, m *graph.Model, data Dataset, loss graph.Loss, optimiser gorgonia.Solver, opts ...FitOption) (*History, error) {
	f, err := newFit(m, data, loss, optimiser, opts)
	if err != nil {
		return &History{}, errors.WithMessage(err, "train.Fit")
	}
	for n := range f.epochs {
		err := f.epoch(ctx, n)
		if errors.Is(err, Stop) {
			break
		}
		if err != nil {
			f.report.abort()
			return f.history, errors.WithMessagef(err, "train.Fit: epoch %d", n+1)
		}
	}
	return f.history, nil
}

// Stop is returned by an [OnEpoch] function to end training early without an
// error.
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
	step      int
}

func newFit(m *graph.Model, data Dataset, loss graph.Loss, optimiser gorgonia.Solver, opts []FitOption) (*fit, error) {
	if m == nil || loss == nil || optimiser == nil {
		return nil, errors.New("the model, the loss or the optimiser is nil")
	}
	f := &fit{fitSettings: defaultFit(m), m: m, loss: loss, optimiser: optimiser, history: &History{}}
	for _, opt := range opts {
		opt(&f.fitSettings)
	}
	o, ours := optimiser.(*Optimizer)
	switch {
	case f.epochs < 1:
		return nil, errors.Errorf("Epochs is %d, want at least 1", f.epochs)
	case ours && o.Err() != nil:
		return nil, o.Err()
	case !ours && f.schedule != nil:
		return nil, errors.Errorf("a schedule needs an optimiser of this package, got %T", optimiser)
	}
	var err error
	if f.loader, err = NewLoader(data, f.batch, f.loading...); err != nil {
		return nil, err
	}
	f.trainer = m.Trainer(loss)
	f.report = newReporter(f.out, f.epochs, data.Len())
	return f, nil
}

// epoch trains on all batches once and validates.
func (f *fit) epoch(ctx context.Context, n int) error {
	began := time.Now()
	f.report.begin(n)
	sum := newScores(f.metrics)
	for b, err := range f.loader.Epoch(ctx, n) {
		if err != nil {
			return err
		}
		if err := f.train(b, n, sum); err != nil {
			return errors.WithMessagef(err, "batch %d", b.Index+1)
		}
		f.report.advance(b.X.Shape()[0], sum.evaluation())
	}
	e := Epoch{Number: n + 1, Evaluation: sum.evaluation(), Duration: time.Since(began)}
	if o, ours := f.optimiser.(*Optimizer); ours {
		e.LearningRate = o.LR()
	}
	if f.validation != nil {
		v, err := evaluate(ctx, f.trainer, f.validation, f.batch, f.metrics)
		if err != nil {
			return errors.WithMessage(err, "validation")
		}
		e.Validation = &v
	}
	f.history.Epochs = append(f.history.Epochs, e)
	f.report.end(e)
	for _, call := range f.onEpoch {
		if err := call(e); err != nil {
			return err
		}
	}
	return nil
}

// train makes one step.
func (f *fit) train(b Batch, n int, sum *scores) error {
	if err := f.setRate(); err != nil {
		return err
	}
	r, err := f.trainer.Step(b.X, b.T)
	if err != nil {
		return err
	}
	if math.IsNaN(r.Loss) || math.IsInf(r.Loss, 0) {
		return diverged(f.trainer, r.Loss)
	}
	if err := sum.add(r, b.T); err != nil {
		return err
	}
	f.step++
	return f.trainer.Update(f.optimiser)
}

// setRate applies the schedule.
func (f *fit) setRate() error {
	if f.schedule == nil {
		return nil
	}
	o := f.optimiser.(*Optimizer)
	lr, err := f.schedule(o.BaseLR(), Progress{Step: f.step, StepsPerEpoch: f.loader.Len(), Metrics: f.history.watched()})
	if err != nil {
		return err
	}
	return o.SetLR(lr)
}

// diverged says where a loss that is not finite comes from.
func diverged(t *graph.Trainer, loss float64) error {
	advice := "try a lower learning rate or gradient clipping, and look at the data"
	if cause := t.NonFinite(); cause != nil {
		return errors.WithMessagef(cause, "the loss is %v (%s); the first value that is not finite", loss, advice)
	}
	return errors.Errorf("the loss is %v (%s)", loss, advice)
}
