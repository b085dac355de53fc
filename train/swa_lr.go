package train

import (
	"math"

	"github.com/pkg/errors"
)

// SWALR is the schedule of [SWA]: first for a span, then along a cosine over another from the
// rate there to lr, which stays. With t steps after the first span, n being anneal:
//
//	lr(t) = start + (lr - start)·(1 - cos(π·min(1, t/n)))/2
//
// A Span{} for anneal changes the rate at once. lr ≥ 0. In PyTorch: SWALR of
// torch.optim.swa_utils, with anneal_strategy "cos", where steps of the schedule are epochs:
// [PerEpoch] makes it so.
func SWALR(span Span, lr float64, anneal Span, first Schedule) Schedule {
	wrong := checkRange("lr", lr, 0, math.Inf(1))
	return func(base float64, at Progress) (float64, error) {
		rate, err := 0.0, wrong
		if err == nil && first == nil {
			err = errors.New("first is nil, want a schedule such as Constant()")
		}
		if err == nil {
			rate, err = swaRate(base, at, span, lr, anneal, first)
		}
		return rate, errors.WithMessage(err, "train.SWALR")
	}
}

func swaRate(base float64, at Progress, span Span, lr float64, anneal Span, first Schedule) (float64, error) {
	steps, err := span.steps(at)
	if err != nil {
		return 0, err
	}
	if at.Step < steps {
		return first(base, at)
	}
	if anneal == (Span{}) {
		return lr, nil
	}
	n, err := anneal.steps(at)
	if err != nil {
		return 0, errors.WithMessage(err, "anneal")
	}
	t := min(1, float64(at.Step-steps)/float64(n))
	at.Step = steps
	if at.StepsPerEpoch > 0 {
		at.Metrics = at.Metrics[:min(len(at.Metrics), steps/at.StepsPerEpoch)]
	}
	start, err := first(base, at)
	return start + (lr-start)*(1-math.Cos(math.Pi*t))/2, err
}
