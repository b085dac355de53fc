package train

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

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
	step, err := f.stepSize()
	if err != nil {
		return err
	}
	if f.loader, err = NewLoader(data, step, f.loading...); err != nil {
		return err
	}
	if f.skip != nil && *f.skip < 0 {
		return errors.Errorf("SkipNonFinite is %d, want at least 0", *f.skip)
	}
	if f.checkpoints != nil {
		if err := f.checkpoints.check(f); err != nil {
			return err
		}
	}
	if f.trainer = f.m.Trainer(f.loss, graph.Freezing(f.frozen...), graph.InPieces(f.batch)); f.trainer.Err() != nil {
		return f.trainer.Err()
	}
	f.history.Epochs = slices.Clone(f.before)
	f.epoch, f.last = len(f.before), len(f.before)+f.epochs
	f.step = f.epoch * f.loader.Len()
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

// warn is for a training from the start: one that goes on has warned before.
func (f *fit) warn() {
	if f.out == nil || f.quiet || f.step > 0 {
		return
	}
	for _, line := range f.m.Warnings() {
		fmt.Fprintln(f.out, line)
	}
}
