package regularize

import (
	"math"

	"github.com/thinnet/thinnet/graph"
)

// penalise adds op, a penalty of strength lambda, to the loss for every weight
// under s.
func penalise(s *graph.Scope, lambda float64, op graph.Op) {
	if checkStrength(s, "λ", lambda) {
		s.Penalise(func(s *graph.Scope, w *graph.Node) *graph.Node { return s.Apply(op, w) })
	}
}

// checkStrength reports a factor of a penalty that is none.
func checkStrength(s *graph.Scope, name string, v float64) bool {
	if !(v >= 0) || math.IsInf(v, 0) {
		s.Errorf("%s is %v, want a finite value ≥ 0", name, v)
		return false
	}
	return true
}
