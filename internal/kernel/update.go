package kernel

import "math"

// RenormRows scales, in place, each row of w (rows, cols) whose 2-norm exceeds
// max so that its norm is max. Rows within the bound keep their bits.
func RenormRows[T Float](w []T, rows, cols int, max float64) {
	Parallel(rows, rowGrain(cols), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row := w[r*cols:][:cols]
			if norm := math.Sqrt(sumSquares(row)); norm > max {
				mulScalar(row, row, T(max/norm))
			}
		}
	})
}

func sumSquares[T Float](x []T) float64 {
	var s0, s1 float64
	i := 0
	for ; i+2 <= len(x); i += 2 {
		a, b := float64(x[i]), float64(x[i+1])
		s0 += a * a
		s1 += b * b
	}
	if i < len(x) {
		a := float64(x[i])
		s0 += a * a
	}
	return s0 + s1
}
