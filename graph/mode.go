package graph

import "github.com/pkg/errors"

// A Mode says what a program is for. It is fixed when the program is built: a
// node function reads it from [Scope.Mode].
type Mode uint8

const (
	// Eval is for predictions: dropout is the identity and batch norm uses its
	// running statistics.
	Eval Mode = iota
	// Train is for learning: dropout draws, batch norm uses the statistics of
	// the batch and updates the running ones.
	Train
	// MonteCarlo is for predictions with an uncertainty: dropout draws, the
	// rest is as in Eval. Source: Gal, Ghahramani, Dropout as a Bayesian
	// Approximation, ICML 2016, https://arxiv.org/abs/1506.02142.
	MonteCarlo
	// Calibrate is for running statistics: batch norm uses the statistics of the
	// batch and takes them in, dropout is the identity. See [Model.Calibrate].
	Calibrate
)

// Draws reports whether random nodes draw in this mode.
func (m Mode) Draws() bool { return m == Train || m == MonteCarlo }

// Tracks reports whether norms use the statistics of the batch in this mode, and move
// the running ones.
func (m Mode) Tracks() bool { return m == Train || m == Calibrate }

func (m Mode) check() error {
	if m > Calibrate {
		return errors.Errorf("the mode is %d, want Eval, Train, MonteCarlo or Calibrate", m)
	}
	return nil
}

func (m Mode) String() string {
	switch m {
	case Eval:
		return "eval"
	case Train:
		return "train"
	case MonteCarlo:
		return "monte carlo"
	case Calibrate:
		return "calibrate"
	}
	return "unknown mode"
}
