package kernel

import "math"

// BCEWithLogits computes the binary cross-entropy of sigmoid(x) under targets t
// in [0, 1]. It takes logits, so that nothing overflows, and adds no terms of
// opposite sign, so that the loss of a sure and right answer is small, not 0:
//
//	w·t·softplus(-x) + (1-t)·softplus(x),  softplus(z) = max(z, 0) + log(1+exp(-|z|))
//
// w is 1, or posWeight repeated along x (it is indexed by i mod its length), as
// in PyTorch's binary_cross_entropy_with_logits. losses may be x or t.
func BCEWithLogits[T Float](losses, x, t []T, posWeight []float64) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x, t, w := float64(x[i]), float64(t[i]), 1.0
			if posWeight != nil {
				w = posWeight[i%len(posWeight)]
			}
			tail := math.Log1p(exp[T](-math.Abs(x)))
			losses[i] = T(w*t*(max(-x, 0)+tail) + (1-t)*(max(x, 0)+tail))
		}
	})
}

// BCEWithLogitsGrad computes the gradient of [BCEWithLogits] with respect to x,
// given that of each element's loss:
//
//	dx = ((1+(w-1)·t)·sigmoid(x) - w·t)·dloss
//
// where w is 1 without posWeight. dx may be any of the others.
func BCEWithLogitsGrad[T Float](dx, x, t, dloss []T, posWeight []float64) {
	Parallel(len(x), elementGrain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			x, t, w := float64(x[i]), float64(t[i]), 1.0
			if posWeight != nil {
				w = posWeight[i%len(posWeight)]
			}
			dx[i] = T(((1+(w-1)*t)/(1+exp[T](-x)) - w*t) * float64(dloss[i]))
		}
	})
}
