package regularize

import (
	"math"

	"github.com/thinnet/thinnet/graph"
)

// penalise adds op, a penalty of strength lambda, to the loss for every weight
// under s.
func penalise(s *graph.Scope, lambda float64, op graph.Op) {
	if !(lambda >= 0) || math.IsInf(lambda, 0) {
		s.Errorf("λ is %v, want a finite value ≥ 0", lambda)
		return
	}
	s.Penalise(func(s *graph.Scope, w *graph.Node) *graph.Node { return s.Apply(op, w) })
}
