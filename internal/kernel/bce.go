package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// BCEWithLogits computes the binary cross-entropy of sigmoid(x) under targets t
// in [0, 1]. It takes logits, so that nothing overflows, and adds no terms of
// opposite sign, so that the loss of a sure and right answer is small, not 0:
//
//	w·t·softplus(-x) + (1-t)·softplus(x),  softplus(z) = max(z, 0) + log(1+exp(-|z|))
//
// w is 1, or posWeight repeated along x (it is indexed by i mod its length), as
// in PyTorch's binary_cross_entropy_with_logits. losses may be x or t.
func BCEWithLogits[T Float](losses, x, t []T, posWeight []float64) {
	pool.Run(len(x), activationGrain, bceJob[T]{losses, x, t, posWeight})
}

type bceJob[T Float] struct {
	losses, x, t []T
	posWeight    []float64
}

func (j *bceJob[T]) Do(lo, hi int) {
	if j.posWeight == nil {
		vec.BinaryEntropy(j.losses[lo:hi], j.x[lo:hi], j.t[lo:hi])
		return
	}
	for i := lo; i < hi; i++ {
		x, t, w := float64(j.x[i]), float64(j.t[i]), j.posWeight[i%len(j.posWeight)]
		tail := math.Log1p(vec.Exp[T](-math.Abs(x)))
		j.losses[i] = T(w*t*(max(-x, 0)+tail) + (1-t)*(max(x, 0)+tail))
	}
}

// BCEWithLogitsGrad computes the gradient of [BCEWithLogits] with respect to x,
// given that of each element's loss:
//
//	dx = ((1+(w-1)·t)·sigmoid(x) - w·t)·dloss
//
// where w is 1 without posWeight. dx may be any of the others.
func BCEWithLogitsGrad[T Float](dx, x, t, dloss []T, posWeight []float64) {
	pool.Run(len(x), activationGrain, bceGradJob[T]{dx, x, t, dloss, posWeight})
}

type bceGradJob[T Float] struct {
	dx, x, t, dloss []T
	posWeight       []float64
}

func (j *bceGradJob[T]) Do(lo, hi int) {
	if j.posWeight == nil {
		vec.BinaryEntropyGrad(j.dx[lo:hi], j.x[lo:hi], j.t[lo:hi], j.dloss[lo:hi])
		return
	}
	for i := lo; i < hi; i++ {
		x, t, w := float64(j.x[i]), float64(j.t[i]), j.posWeight[i%len(j.posWeight)]
		j.dx[i] = T(((1+(w-1)*t)/(1+vec.Exp[T](-x)) - w*t) * float64(j.dloss[i]))
	}
}
