package channels

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A ranking is where the largest elements of a window are, in order.
type ranking struct{ kept []int }

var spareRankings pool.Spare[ranking]

// rankingOf returns the n largest elements of a window, or as many as it has, by
// insertion: windows are small.
func rankingOf[T vec.Float](r *ranking, x []T, offs []int, n int) []int {
	n = min(n, len(offs))
	if len(r.kept) < n+1 {
		r.kept = make([]int, n+1)
	}
	for i, off := range offs {
		v, at := x[off], min(i, n)
		for at > 0 && before(v, x[r.kept[at-1]]) {
			r.kept[at] = r.kept[at-1]
			at--
		}
		r.kept[at] = off
	}
	return r.kept[:n]
}

// before tells whether a comes before b in order, if b is the first of both.
func before[T vec.Float](a, b T) bool { return a > b || a != a && b == b }
