package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A Comparison is what [Compare] found.
type Comparison struct {
	// Runs are in order of variant, seed and fold.
	Runs     []Run
	variants []string
}

// A Spread is the mean and the standard deviation of some runs:
//
//	std = √(Σ (v - mean)² / (n - 1)),  NaN for a single run
type Spread struct {
	Mean, Std float64
	N         int
}

// String prints a spread as in "1.64 ± 0.02", without the second number for a
// single run, and a dash for none.
func (s Spread) String() string { return s.format("%.2f") }

func (s Spread) format(verb string) string {
	switch s.N {
	case 0:
		return "-"
	case 1:
		return fmt.Sprintf(verb, s.Mean)
	}
	return fmt.Sprintf(verb+" ± "+verb, s.Mean, s.Std)
}

func spreadOf(values []float64) Spread {
	s := Spread{N: len(values)}
	for _, v := range values {
		s.Mean += v / float64(s.N)
	}
	for _, v := range values {
		s.Std += (v - s.Mean) * (v - s.Mean) / float64(s.N-1)
	}
	s.Std = math.Sqrt(s.Std)
	if s.N < 2 {
		s.Std = math.NaN()
	}
	return s
}

// A Summary is one variant over all its seeds and folds, by one measure. Of what was not
// measured N is 0.
type Summary struct {
	Variant string
	// Measure is what the figures are, as in "error % (accuracy)".
	Measure string
	// Training is that of the steps of the last epoch, with dropout drawing.
	Training Spread
	// Clean is of the training data with dropout off; see [Study].
	Clean Spread
	// Validation is that after the last epoch.
	Validation Spread
	// Best is the lowest value of any validation, and BestEpoch the first epoch
	// that has it.
	Best, BestEpoch Spread
	// Gap is Validation less Clean, or less Training where that is all there is.
	Gap  Spread
	Test Spread
	// Seconds is the time of training, of runs at once while they share the processor.
	Seconds Spread
}

// Summaries returns one line for each variant, by "loss" or by the name of a
// metric. An accuracy, which is a metric of that name or of one that begins with
// top, becomes an error in percent, 100 · (1 - accuracy): less is better in all. A
// measure that is not among [Comparison.Measures] is an error.
func (c *Comparison) Summaries(measure string) ([]Summary, error) {
	summaries, err := c.summaries(measure)
	return summaries, errors.WithMessage(err, "train.Comparison.Summaries")
}

func (c *Comparison) summaries(measure string) (out []Summary, err error) {
	if err := c.check(measure); err != nil {
		return nil, err
	}
	for _, v := range c.variants {
		out = append(out, c.summary(v, measure))
	}
	return out, nil
}

// Measures returns what was measured: the loss, then the metrics.
func (c *Comparison) Measures() []string {
	if c == nil {
		return nil
	}
	names := []string{"loss"}
	for _, r := range c.Runs {
		for _, name := range r.History.names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// check returns an error unless all these were measured.
func (c *Comparison) check(measures ...string) error {
	if c == nil || len(c.Runs) == 0 {
		return errors.New("there is no run")
	}
	known := c.Measures()
	for _, name := range measures {
		if !slices.Contains(known, name) {
			return errors.Errorf("%q was not measured, want one of %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// of returns the runs of a variant.
func (c *Comparison) of(variant string) (runs []Run) {
	for _, r := range c.Runs {
		if r.Variant == variant {
			runs = append(runs, r)
		}
	}
	return runs
}

func (c *Comparison) summary(variant, name string) Summary {
	m := measureOf(name)
	columns := map[string][]float64{}
	note := func(column string, e *Evaluation) (float64, bool) {
		v, ok := m.of(e)
		if ok {
			columns[column] = append(columns[column], v)
		}
		return v, ok
	}
	for _, r := range c.of(variant) {
		last := r.History.Last()
		training, _ := note("training", &last.Evaluation)
		if v, ok := note("clean", r.Clean); ok {
			training = v
		}
		if v, ok := note("validation", last.Validation); ok {
			columns["gap"] = append(columns["gap"], v-training)
			best, epoch := m.best(r.History)
			columns["best"] = append(columns["best"], best)
			columns["epoch"] = append(columns["epoch"], float64(epoch))
		}
		note("test", r.Test)
		columns["seconds"] = append(columns["seconds"], r.Duration().Seconds())
	}
	return Summary{
		Variant: variant, Measure: m.label,
		Training: spreadOf(columns["training"]), Clean: spreadOf(columns["clean"]),
		Validation: spreadOf(columns["validation"]), Best: spreadOf(columns["best"]), BestEpoch: spreadOf(columns["epoch"]),
		Gap: spreadOf(columns["gap"]), Test: spreadOf(columns["test"]), Seconds: spreadOf(columns["seconds"]),
	}
}
