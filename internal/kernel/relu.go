package kernel

// ReLU computes y = max(x, 0); NaN stays NaN. y may be x.
func ReLU[T Float](y, x []T) {
	ReLUGrad(y, x, x)
}

// ReLUGrad computes dx = dy where y > 0 or y is NaN, else 0: PyTorch's choice
// of 0 for the derivative at 0. y is the output of [ReLU], or its input, which
// gives the same. dx may be dy or y.
func ReLUGrad[T Float](dx, y, dy []T) {
	Parallel(len(y), elementGrain, func(lo, hi int) {
		reluGrad(dx[lo:hi], y[lo:hi], dy[lo:hi])
	})
}

func reluGrad[T Float](dx, y, dy []T) {
	dx, dy = dx[:len(y)], dy[:len(y)]
	for i, v := range y {
		dx[i] = zeroIf(dy[i], v <= 0)
	}
}

// LeakyReLU computes y = x where x > 0, else slope·x. y may be x.
func LeakyReLU[T Float](y, x []T, slope float64) {
	LeakyReLUGrad(y, x, x, slope)
}

// LeakyReLUGrad computes dx = dy where x > 0, else slope·dy. dx may be x or dy.
func LeakyReLUGrad[T Float](dx, x, dy []T, slope float64) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		dx, x, dy := dx[lo:hi], x[lo:hi], dy[lo:hi]
		factor := [2]T{T(slope), 1} // looked up, as a branch would be mispredicted
		for i, v := range x {
			b := 0
			if v > 0 {
				b = 1
			}
			dx[i] = dy[i] * factor[b]
		}
	})
}
