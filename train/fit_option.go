package train

import (
	"io"
	"os"

	"github.com/thinnet/thinnet/nodes"
)

// A FitOption adjusts [Fit]. One that is nil, or that is given nil, is as if it were
// left out, so that a program can pass on what it may not have; [ReportTo] alone has
// a use for nil. A nil among several, such as metrics, is an error.
type FitOption func(*fitSettings)

type fitSettings struct {
	epochs     int
	before     []Epoch // those of the run that is continued
	batch      int
	accumulate int // batches of a step
	loading    []LoaderOption
	validation Dataset
	metrics    []nodes.Metric
	schedule   Schedule
	callbacks  []Callback
	skip       *int // how many steps may be skipped
	frozen     []string
	out        io.Writer
	quiet      bool

	checkpoints *checkpoints
	resume      *string
	from        *stored // a checkpoint that is at hand
}

func defaultFit(batch int, seed uint64) fitSettings {
	return fitSettings{epochs: 1, batch: batch, accumulate: 1, loading: []LoaderOption{Shuffle(seed)}, out: os.Stderr}
}

// Epochs sets how often Fit goes through the data, 1 by default.
func Epochs(n int) FitOption { return func(s *fitSettings) { s.epochs = n } }

// Continue makes Fit go on with the run whose history is h: the order of the
// samples, the schedule and the numbers of the epochs start where h ends, and
// the history that Fit returns starts with it. Given the same model, optimiser
// and data, two epochs and two more then end with the bits of four at once.
//
// So it is in a new process, given the weights and the state of the optimiser: a model
// that has taken fewer steps than the epochs of h, such as one just built, goes on from
// the step after them, and with it masks and the rates of dropout. Where training had
// other steps besides, set the step by [graph.Model.SetStep] before.
func Continue(h *History) FitOption {
	return func(s *fitSettings) {
		if h != nil {
			s.before = h.Epochs
		}
	}
}

// BatchSize sets the number of samples of a batch, and so of a step, but for
// [Accumulate]; by default that of the shape the model was built for.
func BatchSize(n int) FitOption { return func(s *fitSettings) { s.batch = n } }

// Loading adjusts how batches are made: [Transforms] for augmentation,
// [BatchTransforms] for mixtures of samples, [DropLast], [Prefetch], or [Shuffle] by
// another seed than the model's. It is about training data only: what must hold for
// validation and prediction too, such as [Normalize], belongs in the data set: see
// [Map].
func Loading(opts ...LoaderOption) FitOption {
	return func(s *fitSettings) { s.loading = append(s.loading, opts...) }
}

// Validation sets data to evaluate the model on after every epoch.
func Validation(data Dataset) FitOption { return func(s *fitSettings) { s.validation = data } }

// Metrics sets what to compute beside the loss. On training data a metric sees
// the outputs of the training steps, with dropout drawing and weights changing.
//
// What a metric keeps is of the last evaluation: after Fit with [Validation] a
// confusion matrix holds the counts of the validation data, without it those of
// the last epoch of training.
func Metrics(ms ...nodes.Metric) FitOption {
	return func(s *fitSettings) { s.metrics = append(s.metrics, ms...) }
}

// WithSchedule sets the learning rate before every step. See [Schedule].
func WithSchedule(schedule Schedule) FitOption {
	return func(s *fitSettings) { s.schedule = schedule }
}

// ReportTo sets where Fit reports its progress: standard error by default, nil
// for nowhere. A terminal gets a progress bar, anything else a line per epoch.
func ReportTo(w io.Writer) FitOption { return func(s *fitSettings) { s.out = w } }

// Quiet leaves out the warnings of the model, as [graph.Quiet] does in
// [graph.Model.Summary].
func Quiet() FitOption { return func(s *fitSettings) { s.quiet = true } }
