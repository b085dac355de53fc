package train

import "github.com/pkg/errors"

// Suggestion returns a tenth of the rate at which the smoothed loss is lowest, at which it
// still falls well. It is an error if the loss is lowest in the first tenth of the steps:
// then it does not fall at any rate, or From is too high.
//
// It is "minimum" of lr_find in fastai.
func (c *LRCurve) Suggestion() (float64, error) {
	if c == nil || len(c.Rates) == 0 {
		return 0, errors.New("train.LRCurve.Suggestion: there is no step")
	}
	lowest := 0
	for i, loss := range c.Smoothed {
		if loss < c.Smoothed[lowest] {
			lowest = i
		}
	}
	if lowest <= len(c.Rates)/10 {
		return 0, errors.Errorf("train.LRCurve.Suggestion: the loss is lowest at a rate of %.3g, of %.3g to %.3g; begin with lower ones, or look at the model and the data",
			c.Rates[lowest], c.Rates[0], c.Rates[len(c.Rates)-1])
	}
	return c.Rates[lowest] / 10, nil
}
