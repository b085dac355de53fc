package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// The losses of this file are functions of d = x-t, even in d. Their gradient
// with respect to t is therefore that with respect to x with x and t exchanged:
//
//	SquaredErrorGrad(dt, t, x, dloss)
//
// Outputs may be any of the inputs.

type elementLoss uint8

const (
	squaredError elementLoss = iota
	absError
	huber
)

// SquaredError computes (x-t)².
func SquaredError[T Float](losses, x, t []T) { runLoss(squaredError, losses, x, t, 0) }

// SquaredErrorGrad computes dx = 2·(x-t)·dloss.
func SquaredErrorGrad[T Float](dx, x, t, dloss []T) { runLossGrad(squaredError, dx, x, t, dloss, 0) }

// AbsError computes |x-t|.
func AbsError[T Float](losses, x, t []T) { runLoss(absError, losses, x, t, 0) }

// AbsErrorGrad computes dx = sign(x-t)·dloss. The sign of 0 is 0 and so, as in
// PyTorch, is that of NaN.
func AbsErrorGrad[T Float](dx, x, t, dloss []T) { runLossGrad(absError, dx, x, t, dloss, 0) }

// Huber computes d²/2 where |d| ≤ delta, else delta·(|d| - delta/2), as
// PyTorch's huber_loss. delta must be positive.
//
// Source: Huber, Robust Estimation of a Location Parameter, 1964,
// https://doi.org/10.1214/aoms/1177703732.
func Huber[T Float](losses, x, t []T, delta float64) { runLoss(huber, losses, x, t, delta) }

// HuberGrad computes dx = d·dloss with d held to [-delta, delta].
func HuberGrad[T Float](dx, x, t, dloss []T, delta float64) {
	runLossGrad(huber, dx, x, t, dloss, delta)
}

func runLoss[T Float](kind elementLoss, losses, x, t []T, delta float64) {
	pool.Run(len(x), elementGrain, lossJob[T]{kind, losses, x, t, T(delta)})
}

type lossJob[T Float] struct {
	kind         elementLoss
	losses, x, t []T
	delta        T
}

func (j *lossJob[T]) Do(lo, hi int) {
	losses, x, t := j.losses[lo:hi], j.x[lo:hi], j.t[lo:hi]
	switch j.kind {
	case squaredError:
		vec.SquaredError(losses, x, t)
	case absError:
		vec.AbsError(losses, x, t)
	case huber:
		vec.Huber(losses, x, t, j.delta)
	}
}

func runLossGrad[T Float](kind elementLoss, dx, x, t, dloss []T, delta float64) {
	pool.Run(len(x), elementGrain, lossGradJob[T]{kind, dx, x, t, dloss, T(delta)})
}

type lossGradJob[T Float] struct {
	kind            elementLoss
	dx, x, t, dloss []T
	delta           T
}

func (j *lossGradJob[T]) Do(lo, hi int) {
	dx, x, t, dloss := j.dx[lo:hi], j.x[lo:hi], j.t[lo:hi], j.dloss[lo:hi]
	switch j.kind {
	case squaredError:
		vec.SquaredErrorGrad(dx, x, t, dloss)
	case absError:
		vec.AbsErrorGrad(dx, x, t, dloss)
	case huber:
		vec.HuberGrad(dx, x, t, dloss, j.delta)
	}
}
