package kernel

import "github.com/thinnet/thinnet/internal/kernel/pool"

// Lerp computes y = y + share·(x-y), with share rounded to T, and y = x where share is 1.
func Lerp[T Float](y, x []T, share float64) {
	pool.Run(len(x), elementGrain, lerpJob[T]{y, x, T(share)})
}

type lerpJob[T Float] struct {
	y, x  []T
	share T
}

func (j *lerpJob[T]) Do(lo, hi int) {
	y, x := j.y[lo:hi], j.x[lo:hi]
	if j.share == 1 {
		copy(y, x)
		return
	}
	for i, v := range x {
		y[i] += T(j.share * (v - y[i])) // rounded, lest a processor fuse it with the sum
	}
}
