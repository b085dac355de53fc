package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// TimeDifference computes y[i,t] = x[i,t+1] - x[i,t] for x of shape (n, steps, width)
// and y of (n, steps-1, width).
func TimeDifference[T Float](y, x []T, n, steps, width int) {
	pool.Run(n*(steps-1), rowGrain(width), timeDifferenceJob[T]{y, x, steps - 1, width})
}

type timeDifferenceJob[T Float] struct {
	y, x         []T
	pairs, width int
}

func (j *timeDifferenceJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		x := j.x[(k+k/j.pairs)*j.width:][:2*j.width]
		vec.Sub(j.y[k*j.width:][:j.width], x[j.width:], x[:j.width])
	}
}

// TimeDifferenceGrad computes the gradient of [TimeDifference] for dx of shape
// (n, steps, width): dx[i,t] = dy[i,t-1] - dy[i,t], where dy outside of its steps is 0.
func TimeDifferenceGrad[T Float](dx, dy []T, n, steps, width int) {
	pool.Run(n*steps, rowGrain(width), timeDifferenceGradJob[T]{dx, dy, steps, width})
}

type timeDifferenceGradJob[T Float] struct {
	dx, dy       []T
	steps, width int
}

func (j *timeDifferenceGradJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		dx := j.dx[k*j.width:][:j.width]
		at := (k - k/j.steps) * j.width // of the pair that starts here
		switch k % j.steps {
		case 0:
			vec.MulScalar(dx, j.dy[at:][:j.width], -1)
		case j.steps - 1:
			copy(dx, j.dy[at-j.width:])
		default:
			vec.Sub(dx, j.dy[at-j.width:][:j.width], j.dy[at:][:j.width])
		}
	}
}
