package train

import (
	"context"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// A Run is one training of one variant.
type Run struct {
	Variant string
	Seed    uint64
	// Fold is the number of the fold, from 1, and 0 without [Study.Folds].
	Fold    int
	History *History
	// Clean is of the training data with dropout off, nil unless asked for.
	Clean *Evaluation
	// Test is nil without test data.
	Test *Evaluation
	// Weights is the file of the trained weights, empty without [KeepWeights].
	Weights string
}

// Duration is the time of training, without validation and test; 0 for nil.
func (r *Run) Duration() (d time.Duration) {
	if r == nil || r.History == nil {
		return 0
	}
	for _, e := range r.History.Epochs {
		d += e.Duration
	}
	return d
}

// running is a run on its way.
type running struct {
	c         *comparing
	v         *Variant
	seed      uint64
	fold      int // from 1, 0 without
	id        identity
	metrics   []string
	m         *graph.Model
	optimiser *Optimizer
	history   *History
	stored    bool // the result was there
}

func (r *running) do(ctx context.Context) (*Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, errors.WithStack(err)
	}
	var err error
	if r.id, err = r.identify(); err != nil {
		return nil, err
	}
	if r.c.folder != "" {
		if run, err := r.read(); run != nil || err != nil {
			r.stored = true
			return run, err
		}
	}
	if r.m, r.optimiser, err = r.build(); err != nil {
		return nil, err
	}
	if err := r.train(ctx); err != nil {
		return nil, err
	}
	run, err := r.evaluate(ctx)
	if err != nil || r.c.folder == "" {
		return run, err
	}
	if r.c.keepWeights {
		run.Weights = r.path(weightsEnding)
		if err := export.SaveSafetensors(r.m, run.Weights); err != nil {
			return nil, err
		}
	}
	if err := writeRun(r.path(runEnding), r.id, run); err != nil {
		return nil, err
	}
	return run, r.forget()
}

// build makes the model and the optimiser as they are before the first step.
func (r *running) build() (*graph.Model, *Optimizer, error) {
	m, err := graph.Build(r.v.Model, r.c.Shape, graph.Seed(r.seed))
	if err != nil {
		return nil, nil, err
	}
	o := r.v.Optimiser()
	if o == nil {
		return nil, nil, errors.New("the optimiser is nil")
	}
	return m, o, o.Err()
}

// options returns those of Fit. Reporting is off unless they turn it on.
func (r *running) options() []FitOption {
	opts := []FitOption{ReportTo(nil)}
	for _, make := range []func() []FitOption{r.c.Options, r.v.Options} {
		if make != nil {
			opts = append(opts, make()...)
		}
	}
	if r.fold > 0 {
		opts = append(opts, Validation(r.c.Folds[r.fold-1].Validation))
	}
	return opts
}

// train makes the epochs that a checkpoint lacks.
func (r *running) train(ctx context.Context) error {
	keep, err := r.checkpoints()
	if err != nil {
		return err
	}
	r.history, err = Fit(ctx, r.m, r.training(), r.v.Loss, r.optimiser, append(r.options(), keep)...)
	return err
}

// evaluate makes the result of a trained model.
func (r *running) evaluate(ctx context.Context) (*Run, error) {
	s := defaultFit(r.id.Batch, r.seed)
	guard.Apply(&s, r.options())
	run := &Run{Variant: r.v.Name, Seed: r.seed, Fold: r.fold, History: r.history}
	on := func(data Dataset) (*Evaluation, error) {
		e, err := evaluate(ctx, r.m.Trainer(r.v.Loss), data, s.batch, s.metrics)
		return &e, err
	}
	var err error
	if r.c.CleanTraining {
		if run.Clean, err = on(r.training()); err != nil {
			return nil, errors.WithMessage(err, "training data")
		}
	}
	if r.c.Test != nil {
		if run.Test, err = on(r.c.Test); err != nil {
			return nil, errors.WithMessage(err, "test data")
		}
	}
	return run, nil
}
