package train

import (
	"context"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// A Study is what [Compare] compares: everything that its figures depend on. Its
// functions are called for several runs at once; what they return is of one run.
type Study struct {
	// Variants are the models, under names of their own.
	Variants []Variant
	// Seeds of the initial weights, of the masks and of the order of the
	// samples: every variant is trained once with each. None means 1, 2, 3, and with
	// Folds 1 alone.
	Seeds []uint64
	// Shape is that of the input, the first axis being the batch.
	Shape graph.Shape
	// Training is what all are trained on. For data to validate on after every
	// epoch, give [Validation] among the Options.
	Training Dataset
	// Folds, in place of Training, are those of [KFold]: every variant is trained with
	// each seed on each fold, and validated on what that leaves out.
	Folds []Fold
	// Test, if there is one, is looked at once by each run, when it has ended.
	Test Dataset
	Loss graph.Loss
	// Optimiser makes the optimiser of one run.
	Optimiser func() *Optimizer
	// Options makes the options that [Fit] gets in one run, of which metrics and
	// callbacks may keep something: [Epochs], [Validation], [Metrics],
	// [WithSchedule], ...
	Options func() []FitOption
	// CleanTraining evaluates each trained model on its training data too, with
	// dropout off.
	CleanTraining bool
	// Settings is a word on what Compare cannot see, such as the flags of a
	// program: see [Compare]. Results stored under other Settings are not used.
	Settings string
}

// A Variant is one of the models that a [Study] compares.
type Variant struct {
	Name  string
	Model graph.Func
	// Loss and Optimiser, where given, are used instead of the study's, and
	// Options come after those of the study.
	Loss      graph.Loss
	Optimiser func() *Optimizer
	Options   func() []FitOption
	// Settings are as those of the study, for this variant.
	Settings string
}

// Compare trains every variant of a study with every seed and returns what came
// of it.
//
//	c, err := train.Compare(ctx, train.Study{
//		Variants: []train.Variant{
//			{Name: "none", Model: models.MLP(10, models.Dropout(0), models.InputDropout(0))},
//			{Name: "hidden 0.5", Model: models.MLP(10, models.InputDropout(0))},
//			{Name: "both", Model: models.MLP(10)},
//		},
//		Seeds:     []uint64{1, 2, 3},
//		Shape:     graph.Shape{100, 1, 28, 28},
//		Training:  training,
//		Test:      test,
//		Loss:      nodes.CrossEntropy(),
//		Optimiser: func() *train.Optimizer { return train.SGD(0.02, train.Momentum(0.95)) },
//		Options: func() []train.FitOption {
//			return []train.FitOption{train.Epochs(20), train.Validation(validation),
//				train.Metrics(nodes.Accuracy()), train.WithSchedule(train.LinearDecay(train.InEpochs(20)))}
//		},
//	}, train.ResultsIn("study"))
//
// # Fairness
//
// Variants differ in nothing else: with equal seeds they see the same batches in
// the same order, and layers of the same path and shape start from the same
// weights. With a rate of 0 a variant is, bit for bit, the one without the node.
// The test data is evaluated once, with the weights of the last epoch: choose by
// the validation data what there is to choose.
//
// # Cross-validation
//
// With Folds the means and spreads are over all folds, and Validation is what to look
// at. Its standard deviation is that of single runs: folds share most of their training
// data, so it says little of how sure the mean is.
//
//	folds, err := train.KFold(data, 5, 1, train.Stratified())
//	...
//	c, err := train.Compare(ctx, train.Study{Variants: variants, Folds: folds, ...})
//
// # Long studies
//
// With [ResultsIn] a run that has ended is not made again, and one that was cut
// off goes on from its last checkpoint, with the bits it would have had: see
// [CheckpointEvery]. A function that remembers something, such as that of [OnEpoch], is
// an exception: it starts afresh. A [Remembering] callback does not.
//
// What is stored there for another study, or without a metric, CleanTraining or
// [KeepWeights] that is now asked for, is an error. Compare tells studies apart by the
// data at some samples, the optimiser, the learning rate of each step, the weights after
// the first step, and the losses that its samples would have in the middle step and the
// last. It cannot see what differs only elsewhere: a rate of dropout in between, a
// constraint that the first step does not meet, augmentation of other samples, a
// callback such as [EarlyStopping] or [EMA]. Say it in Settings.
//
// Runs are made at the same time as far as processors and memory go, see [Parallel];
// a run has the same bits alone and beside others.
//
// When ctx ends, Compare returns its error with the runs that have ended. A run
// that fails, as one whose loss is NaN, keeps the others from nothing: Compare
// returns its error when they have ended.
func Compare(ctx context.Context, study Study, opts ...CompareOption) (*Comparison, error) {
	c := &comparing{Study: study, compareSettings: defaultCompare()}
	guard.Apply(&c.compareSettings, opts)
	if err := c.check(); err != nil {
		return nil, guard.At("train.Compare", err)
	}
	runs, err := c.run(ctx)
	return &Comparison{Runs: runs, variants: c.names()}, guard.At("train.Compare", err)
}

// comparing is one call of Compare.
type comparing struct {
	Study
	compareSettings

	mu    sync.Mutex // of what follows and the log
	ended int
	began time.Time
}

func (c *comparing) names() []string {
	names := make([]string, len(c.Variants))
	for i, v := range c.Variants {
		names[i] = v.Name
	}
	return names
}

func (c *comparing) check() error {
	if len(c.Seeds) == 0 {
		c.Seeds = []uint64{1, 2, 3}
		if c.Folds != nil {
			c.Seeds = c.Seeds[:1]
		}
	}
	switch {
	case len(c.Variants) == 0:
		return errors.New("the study has no variant, want at least one")
	case c.Training == nil && c.Folds == nil:
		return errors.New("the study has no training data")
	case c.parallel && c.atOnce < 1:
		return errors.Errorf("Parallel is %d, want at least 1", c.atOnce)
	case c.every < 1:
		return errors.Errorf("CheckpointEvery is %d, want at least 1", c.every)
	case c.keepWeights && c.folder == "":
		return errors.New("KeepWeights needs a folder: give ResultsIn")
	}
	if err := c.checkFolds(); err != nil {
		return err
	}
	c.Variants = slices.Clone(c.Variants) // checkVariant writes to it
	for i, seed := range c.Seeds {
		if slices.Contains(c.Seeds[:i], seed) {
			return errors.Errorf("seed %d is given twice", seed)
		}
	}
	for i := range c.Variants {
		if err := c.checkVariant(i); err != nil {
			return errors.WithMessagef(err, "variant %d", i)
		}
	}
	return nil
}

// checkVariant also fills in what the variant takes from the study.
func (c *comparing) checkVariant(i int) error {
	v := &c.Variants[i]
	if v.Loss == nil {
		v.Loss = c.Loss
	}
	if v.Optimiser == nil {
		v.Optimiser = c.Optimiser
	}
	switch {
	case v.Name == "":
		return errors.New("it has no name")
	case v.Model == nil:
		return errors.Errorf("%s has no model function", v.Name)
	case v.Loss == nil:
		return errors.Errorf("%s has no loss, and neither has the study", v.Name)
	case v.Optimiser == nil:
		return errors.Errorf("%s has no optimiser, and neither has the study", v.Name)
	}
	for _, other := range c.Variants[:i] {
		if fileName(other.Name) == fileName(v.Name) {
			return errors.Errorf("%s and %s cannot be told apart by the names of their files: give one another name", other.Name, v.Name)
		}
	}
	return nil
}

// run makes all runs, some at once, and returns those that ended in order of
// variant, seed and fold.
func (c *comparing) run(ctx context.Context) ([]Run, error) {
	if ctx == nil {
		return nil, errors.New("the context is nil, want context.Background() if there is no other")
	}
	if err := c.prepareFolder(); err != nil {
		return nil, err
	}
	c.began = time.Now()
	runs, errs := make([]*Run, c.runs()), make([]error, c.runs())
	slots := make(chan struct{}, c.places(os.DirFS("/")))
	var workers sync.WaitGroup
	// Not variant by variant, so that a study that is cut off has something of all.
	for k := range c.runs() {
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			i := k%len(c.Variants)*c.each() + k/len(c.Variants)
			errs[i] = errors.New("a function of the study ended the goroutine")
			runs[i], errs[i] = c.one(ctx, i)
		})
	}
	workers.Wait()
	var ended []Run
	for _, r := range runs {
		if r != nil {
			ended = append(ended, *r)
		}
	}
	if err := ctx.Err(); err != nil {
		return ended, errors.WithStack(err)
	}
	return ended, c.failures(errs)
}

// one makes run i.
func (c *comparing) one(ctx context.Context, i int) (*Run, error) {
	r := c.running(i)
	var result *Run
	err := guard.Call("a function of the study", func() (err error) {
		if result, err = r.do(ctx); err == nil {
			c.log(result, r.stored)
		}
		return err
	})
	return result, err
}
