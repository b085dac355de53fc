package nodes

import (
	"math"

	"github.com/pkg/errors"
)

// ofProbabilities takes, at each position, the class that a target of probabilities, in
// the shape of y, gives most.
func (s *scored) ofProbabilities(target []float64) (*scored, error) {
	t := scored{y: target, of: s.of}
	for p := range t.of.outer * t.of.inner {
		var sum, least float64
		for c := range t.of.n {
			sum += t.score(p, c)
			least = min(least, t.score(p, c))
		}
		if !(math.Abs(sum-1) <= probabilityError && least >= 0) {
			return nil, errors.Errorf("the target of position %d sums to %v, want probabilities of the classes, which sum to 1; for several yes/no questions per sample there is no metric yet", p, sum)
		}
		s.positions = append(s.positions, position{p, t.predicted(p)})
	}
	return s, nil
}

// probabilityError is how far from 1 probabilities may sum to: more than roundings make,
// and less than one class of a thousand.
const probabilityError = 1e-3
