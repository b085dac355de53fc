package kernel

// The losses of this file are functions of d = x-t, even in d. Their gradient
// with respect to t is therefore that with respect to x with x and t exchanged:
//
//	SquaredErrorGrad(dt, t, x, dloss)
//
// Outputs may be any of the inputs.

// SquaredError computes (x-t)².
func SquaredError[T Float](losses, x, t []T) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		losses, x, t := losses[lo:hi], x[lo:hi], t[lo:hi]
		for i, v := range x {
			d := v - t[i]
			losses[i] = d * d
		}
	})
}

// SquaredErrorGrad computes dx = 2·(x-t)·dloss.
func SquaredErrorGrad[T Float](dx, x, t, dloss []T) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		dx, x, t, dloss := dx[lo:hi], x[lo:hi], t[lo:hi], dloss[lo:hi]
		for i, v := range x {
			dx[i] = 2 * (v - t[i]) * dloss[i]
		}
	})
}

// AbsError computes |x-t|.
func AbsError[T Float](losses, x, t []T) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		losses, x, t := losses[lo:hi], x[lo:hi], t[lo:hi]
		for i, v := range x {
			d := v - t[i]
			losses[i] = max(d, -d)
		}
	})
}

// AbsErrorGrad computes dx = sign(x-t)·dloss. The sign of 0 is 0 and so, as in
// PyTorch, is that of NaN.
func AbsErrorGrad[T Float](dx, x, t, dloss []T) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		dx, x, t, dloss := dx[lo:hi], x[lo:hi], t[lo:hi], dloss[lo:hi]
		for i, v := range x {
			sign := 0
			if v > t[i] {
				sign = 1
			}
			if v < t[i] {
				sign = -1
			}
			dx[i] = T(sign) * dloss[i]
		}
	})
}

// Huber computes d²/2 where |d| ≤ delta, else delta·(|d| - delta/2), as
// PyTorch's huber_loss. delta must be positive.
//
// Source: Huber, Robust Estimation of a Location Parameter, 1964,
// https://doi.org/10.1214/aoms/1177703732.
func Huber[T Float](losses, x, t []T, delta float64) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		losses, x, t := losses[lo:hi], x[lo:hi], t[lo:hi]
		bound := T(delta)
		for i, v := range x {
			d := max(v-t[i], t[i]-v)
			near := min(d, bound)
			losses[i] = near * (d - near/2)
		}
	})
}

// HuberGrad computes dx = d·dloss with d held to [-delta, delta].
func HuberGrad[T Float](dx, x, t, dloss []T, delta float64) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		dx, x, t, dloss := dx[lo:hi], x[lo:hi], t[lo:hi], dloss[lo:hi]
		bound := T(delta)
		for i, v := range x {
			dx[i] = max(min(v-t[i], bound), -bound) * dloss[i]
		}
	})
}
