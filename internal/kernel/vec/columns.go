package vec

import "math"

// MaxRows brings acc[j] up to the largest x[i,j] of the rows of a matrix of len(acc)
// columns. NaN counts for nothing.
func MaxRows[T Float](acc, x []T, rows int) {
	if rows == 0 || len(acc) == 0 {
		return
	}
	maxRows(acc, x[:rows*len(acc)], rows)
}

// ZeroFirst copies the rows of src to y, with 0 in place of the first element of each
// column for which x[i,j] = top[j]. It makes NaN of the numbers it finds in top, and
// finds no NaN.
func ZeroFirst[T Float](y, src, x, top []T, rows int) {
	if rows == 0 || len(top) == 0 {
		return
	}
	n := rows * len(top)
	zeroFirst(y[:n], src[:n], x[:n], top, rows)
}

func maxRowsGo[T Float](acc, x []T, rows int) {
	for i := range rows {
		for j, v := range x[i*len(acc):][:len(acc)] {
			if v > acc[j] {
				acc[j] = v
			}
		}
	}
}

func zeroFirstGo[T Float](y, src, x, top []T, rows int) {
	for i := range rows {
		at := i * len(top)
		y, src, x := y[at:][:len(top)], src[at:][:len(top)], x[at:][:len(top)]
		for j, t := range top {
			found := x[j] == t
			y[j] = zeroIf(src[j], found)
			if found {
				top[j] = T(math.NaN())
			}
		}
	}
}
