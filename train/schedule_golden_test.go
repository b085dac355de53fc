package train_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/train"
)

// A goldenSchedule is a case of schedule.json.
type goldenSchedule struct {
	Name, Schedule, Unit string
	Args                 struct {
		Every, Total, Warmup int
		Span, Anneal         int
		Gamma, Min, LR       float64
		PctStart             *float64 `json:"pct_start"`
		DivFactor            *float64 `json:"div_factor"`
		FinalDivFactor       *float64 `json:"final_div_factor"`
		Factor, Threshold    *float64
		MinLR                *float64 `json:"min_lr"`
		Patience, Cooldown   *int
	}
	Base          float64
	StepsPerEpoch int `json:"steps_per_epoch"`
	Metrics, LR   []float64
}

func (c goldenSchedule) make() train.Schedule {
	a, span := c.Args, train.InSteps
	if c.Unit == "epoch" {
		span = train.InEpochs
	}
	switch c.Schedule {
	case "StepLR":
		return train.StepLR(span(a.Every), a.Gamma)
	case "Exponential":
		return train.Exponential(span(a.Every), a.Gamma)
	case "Cosine":
		return train.Cosine(span(a.Total), a.Min)
	case "LinearDecay":
		return train.LinearDecay(span(a.Total))
	case "Warmup":
		then := train.Constant()
		if a.Every > 0 {
			then = train.StepLR(span(a.Every), a.Gamma)
		} else if a.Total > 0 {
			then = train.Cosine(span(a.Total), a.Min)
		}
		return train.Warmup(span(a.Warmup), then)
	case "SWALR":
		first, anneal := train.Constant(), train.Span{}
		if a.Every > 0 {
			first = train.StepLR(span(a.Every), a.Gamma)
		}
		if a.Anneal > 0 {
			anneal = span(a.Anneal)
		}
		return train.SWALR(span(a.Span), a.LR, anneal, first)
	case "OneCycle":
		return train.OneCycle(span(a.Total), c.oneCycle()...)
	}
	return train.ReduceOnPlateau(c.plateau()...)
}

func (c goldenSchedule) oneCycle() (opts []train.OneCycleOption) {
	if v := c.Args.PctStart; v != nil {
		opts = append(opts, train.PctStart(*v))
	}
	if v := c.Args.DivFactor; v != nil {
		opts = append(opts, train.DivFactor(*v))
	}
	if v := c.Args.FinalDivFactor; v != nil {
		opts = append(opts, train.FinalDivFactor(*v))
	}
	return opts
}

func (c goldenSchedule) plateau() (opts []train.PlateauOption) {
	if v := c.Args.Factor; v != nil {
		opts = append(opts, train.Factor(*v))
	}
	if v := c.Args.Threshold; v != nil {
		opts = append(opts, train.Threshold(*v))
	}
	if v := c.Args.MinLR; v != nil {
		opts = append(opts, train.MinLR(*v))
	}
	if v := c.Args.Patience; v != nil {
		opts = append(opts, train.Patience(*v))
	}
	if v := c.Args.Cooldown; v != nil {
		opts = append(opts, train.Cooldown(*v))
	}
	return opts
}

func TestSchedulesFollowPyTorch(t *testing.T) {
	var file struct{ Cases []goldenSchedule }
	readGolden(t, "schedule.json", &file)
	for _, c := range file.Cases {
		s := c.make()
		if c.Unit == "epoch" {
			s = train.PerEpoch(s)
		}
		for i, want := range c.LR {
			at := train.Progress{Step: i, StepsPerEpoch: c.StepsPerEpoch}
			if c.Metrics != nil {
				at.Metrics = c.Metrics[:i+1]
			}
			got, err := s(c.Base, at)
			if err != nil {
				t.Fatalf("%s at %d: %v", c.Name, i, err)
			}
			// PyTorch multiplies its way from step to step and so gathers
			// rounding, which shows most where the rate is near 0.
			if tol := 1e-12*want + 1e-15; math.Abs(got-want) > tol {
				t.Errorf("%s at %d: got %v, want %v within %g", c.Name, i, got, want, tol)
			}
		}
	}
}
