package train

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// A sampling says which samples an epoch has, and in which order.
type sampling struct {
	n     int // samples of an epoch
	order func(seed uint64, epoch int) []int
	// repeats says that a sample may occur twice in an epoch.
	repeats bool
}

// A samplingOption makes the sampling of one loader, whose data and batch are known.
type samplingOption struct {
	name string
	make func(l *Loader) (*sampling, error)
}

func (o samplingOption) apply(l *Loader) { l.samplings = append(l.samplings, o) }

// sample takes up the option of sampling, if there is one.
func (l *Loader) sample() error {
	switch len(l.samplings) {
	case 0:
		return nil
	case 1:
	default:
		return errors.Errorf("%s and %s are given, want one of them", l.samplings[0].name, l.samplings[1].name)
	}
	s, err := l.samplings[0].make(l)
	if err != nil {
		return guard.At(l.samplings[0].name, err)
	}
	l.sampling, l.n = s, s.n
	return nil
}

// Draws sets the number of samples of an epoch. n ≥ 1.
func Draws(n int) DrawsOption { return drawsOption(n) }

// A DrawsOption adjusts one [WeightedSampling], [BalancedClasses] or [MixedBatches].
type DrawsOption interface {
	WeightedSamplingOption
	MixedBatchesOption
}

type drawsOption int

func (n drawsOption) weighted(w *weightedSampling) { w.draws = (*int)(&n) }
func (n drawsOption) mixed(m *mixedBatches)        { m.draws = (*int)(&n) }

// drawsOr returns the number that Draws asks for, or another.
func drawsOr(draws *int, n int) (int, error) {
	switch {
	case draws == nil:
		return n, nil
	case *draws < 1:
		return 0, errors.Errorf("Draws is %d, want at least 1", *draws)
	}
	return *draws, nil
}
