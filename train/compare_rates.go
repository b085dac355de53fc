package train

import (
	"crypto/sha256"
	"math"
)

// rates returns the learning rate of the first, the middle and the last step, and a
// digest of that of every step. What a schedule such as [ReduceOnPlateau] goes by is
// not known yet, so it is asked as if nothing ever fell, and for the digest also as if
// there were progress, ever less of it.
func (f *fit) rates() (three []float64, all string, err error) {
	o, sum := f.optimiser.(*Optimizer), digest{sha256.New()}
	steps := f.threeSteps()
	rates := make([]float64, steps[2]+1)
	for _, watched := range [][]float64{slowing(f.epochs), unmoved(f.epochs)} {
		for step := range rates {
			if f.schedule != nil {
				lr, err := f.rateAt(step, watched[:step/f.loader.Len()])
				if err != nil {
					return nil, "", err
				}
				if err := o.SetLR(lr); err != nil {
					return nil, "", err
				}
			}
			rates[step] = o.LR()
		}
		if err := sum.numbers(rates...); err != nil {
			return nil, "", err
		}
	}
	for _, step := range steps {
		three = append(three, rates[step])
	}
	return three, sum.String(), nil
}

// unmoved is a metric that stays as it is.
func unmoved(epochs int) []float64 {
	metrics := make([]float64, epochs)
	for i := range metrics {
		metrics[i] = 1
	}
	return metrics
}

// slowing is a metric that falls by a half, then by a quarter, an eighth and so on, so
// that thresholds show.
func slowing(epochs int) []float64 {
	metrics := make([]float64, epochs)
	m := 1.0
	for i := range metrics {
		m -= math.Ldexp(m, -i-1)
		metrics[i] = m
	}
	return metrics
}
