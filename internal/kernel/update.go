package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// RenormRows scales, in place, each row of w (rows, cols) whose 2-norm lies outside
// [low, high] to the nearer bound. Rows within the bounds keep their bits, and so does
// a row of zeros, which has no direction.
func RenormRows[T Float](w []T, rows, cols int, low, high float64) {
	pool.Run(rows, rowGrain(cols), renormJob[T]{w, cols, low, high})
}

type renormJob[T Float] struct {
	w         []T
	cols      int
	low, high float64
}

func (j *renormJob[T]) Do(lo, hi int) {
	for r := lo; r < hi; r++ {
		row := j.w[r*j.cols:][:j.cols]
		switch norm := math.Sqrt(vec.SumSquares(row)); {
		case norm > j.high:
			vec.MulScalar(row, row, T(j.high/norm))
		case norm < j.low && norm > 0:
			vec.MulScalar(row, row, T(j.low/norm))
		}
	}
}
