package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// RenormRows scales, in place, each row of w (rows, cols) whose 2-norm exceeds
// limit so that its norm is limit. Rows within the bound keep their bits.
func RenormRows[T Float](w []T, rows, cols int, limit float64) {
	pool.Run(rows, rowGrain(cols), renormJob[T]{w, cols, limit})
}

type renormJob[T Float] struct {
	w     []T
	cols  int
	limit float64
}

func (j *renormJob[T]) Do(lo, hi int) {
	for r := lo; r < hi; r++ {
		row := j.w[r*j.cols:][:j.cols]
		if norm := math.Sqrt(vec.SumSquares(row)); norm > j.limit {
			vec.MulScalar(row, row, T(j.limit/norm))
		}
	}
}
