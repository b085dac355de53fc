package regularize

import (
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
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

// grain is the number of weights one goroutine adds at a time.
const grain = 1 << 14

// sum adds up part(w) over chunks of fixed size, in order, so that the result
// does not depend on the number of CPUs.
func sum[T kernel.Float](w []T, part func(w []T) float64) float64 {
	parts := make([]float64, (len(w)+grain-1)/grain)
	kernel.Parallel(len(w), grain, func(lo, hi int) { parts[lo/grain] = part(w[lo:hi]) })
	total := 0.0
	for _, p := range parts {
		total += p
	}
	return total
}
