package kernel

// Map computes y = f(x) element by element. y may be x. f must be pure: it is
// called from several goroutines.
func Map[T Float](y, x []T, f func(float64) float64) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		y, x := y[lo:hi], x[lo:hi]
		for i, v := range x {
			y[i] = T(f(float64(v)))
		}
	})
}

// MapGrad computes dx = dy·f(x, y), where f is the derivative of a map given its
// argument and its value. dx may be any of the others. f must be pure.
func MapGrad[T Float](dx, x, y, dy []T, f func(x, y float64) float64) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		dx, x, y, dy := dx[lo:hi], x[lo:hi], y[lo:hi], dy[lo:hi]
		for i, v := range x {
			dx[i] = T(float64(dy[i]) * f(float64(v), float64(y[i])))
		}
	})
}

// Scale computes y = a·x, with a rounded to T. y may be x.
func Scale[T Float](y, x []T, a float64) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		mulScalar(y[lo:hi], x[lo:hi], T(a))
	})
}
