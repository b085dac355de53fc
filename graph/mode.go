package graph

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
)

// Draws reports whether random nodes draw in this mode.
func (m Mode) Draws() bool { return m != Eval }

func (m Mode) String() string {
	switch m {
	case Eval:
		return "eval"
	case Train:
		return "train"
	case MonteCarlo:
		return "monte carlo"
	}
	return "unknown mode"
}
