package train

import (
	"math"

	"github.com/pkg/errors"
)

// A Schedule returns the learning rate of the step at hand, from the base rate
// given to the optimiser and the progress of training. [WithSchedule] hands it
// to [Fit], which calls it before each step:
//
//	train.WithSchedule(train.Warmup(train.InSteps(500), train.Cosine(train.InEpochs(10), 0)))
//
// The result is absolute, not a factor. A Schedule is a pure function: it
// remembers nothing, so training that resumes at a step finds the rate it would
// have had. Any function of this type will do.
//
// Those here change the rate with every step; [PerEpoch] makes it change at the
// start of an epoch only. A mistake in an argument is returned as an error when
// the Schedule is called.
type Schedule func(base float64, at Progress) (lr float64, err error)

// Progress is where training stands before a step.
type Progress struct {
	// Step is the number of steps done, 0 before the first.
	Step int
	// StepsPerEpoch is the number of batches in an epoch. It may be 0, unknown,
	// where no [Span] is in epochs.
	StepsPerEpoch int
	// Metrics holds what is watched, one value for each epoch done, oldest
	// first: the validation loss, or without validation the training loss. Only
	// [ReduceOnPlateau] reads it.
	Metrics []float64
}

// Epoch returns the number of epochs done, 0 if StepsPerEpoch is unknown.
func (p Progress) Epoch() int {
	if p.StepsPerEpoch <= 0 {
		return 0
	}
	return p.Step / p.StepsPerEpoch
}

// A Span is a length of training; see [InSteps] and [InEpochs].
type Span struct {
	n      int
	epochs bool
}

// InSteps is a length of n steps, n ≥ 1.
func InSteps(n int) Span { return Span{n: n} }

// InEpochs is the length of n epochs, n ≥ 1.
func InEpochs(n int) Span { return Span{n: n, epochs: true} }

func (s Span) steps(at Progress) (int, error) {
	switch {
	case s.n < 1:
		return 0, errors.Errorf("span is %d, want at least 1", s.n)
	case !s.epochs:
		return s.n, nil
	case at.StepsPerEpoch < 1:
		return 0, errors.Errorf("Progress.StepsPerEpoch is %d, want at least 1 for a span in epochs", at.StepsPerEpoch)
	}
	return s.n * at.StepsPerEpoch, nil
}

// timed makes a schedule of its formula: the rate at step t, where the span is
// n steps long. An error in the arguments is kept until it is called.
func timed(name string, span Span, err error, formula func(base, t, n float64) float64) Schedule {
	return func(base float64, at Progress) (float64, error) {
		if err != nil {
			return 0, errors.WithMessagef(err, "train.%s", name)
		}
		n, err := span.steps(at)
		if err != nil {
			return 0, errors.WithMessagef(err, "train.%s", name)
		}
		return formula(base, float64(at.Step), float64(n)), nil
	}
}

// Constant keeps the base rate.
func Constant() Schedule {
	return func(base float64, _ Progress) (float64, error) { return base, nil }
}

// PerEpoch makes s change the rate only where an epoch starts: each step gets
// the rate of the first step of its epoch. So PerEpoch(Cosine(InEpochs(10), 0))
// is what PyTorch's CosineAnnealingLR of 10 gives where it is stepped once an
// epoch.
func PerEpoch(s Schedule) Schedule {
	return func(base float64, at Progress) (float64, error) {
		if s == nil {
			return 0, errors.New("train.PerEpoch: schedule is nil")
		}
		if at.StepsPerEpoch < 1 {
			return 0, errors.Errorf("train.PerEpoch: Progress.StepsPerEpoch is %d, want at least 1", at.StepsPerEpoch)
		}
		at.Step = at.Epoch() * at.StepsPerEpoch
		return s(base, at)
	}
}

// between goes from a to b along half a cosine, as x goes from 0 to 1.
func between(a, b, x float64) float64 {
	return b + (a-b)*(1+math.Cos(math.Pi*x))/2
}
