package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Attention says how scores of shape Shape, that is (samples, heads, queries, keys),
// become weights: along the keys, softmax(Scale·score + mask) over those that the
// query may look at, and 0 for all others.
type Attention[T Float] struct {
	Shape  [4]int
	Scale  float64
	Causal bool // query i looks at the keys up to i

	// Lengths is how many of the first keys count, for each sample, as whole numbers
	// from 0 to that of the keys; nil for all.
	Lengths []T

	// Mask is added to the scores, nil for nothing. MaskSteps are its elements from
	// one index of an axis to the next, 0 where it is the same for all.
	Mask      []T
	MaskSteps [4]int
}

// Softmax computes the weights y of scores x. A query that may look at no key, by
// length or since the mask is -Inf for all, has weights of 0. A score of NaN or +Inf
// that counts gives NaN. y may be x.
func (a *Attention[T]) Softmax(y, x []T) {
	pool.Run(a.Shape[0]*a.Shape[1]*a.Shape[2], rowGrain(a.Shape[3]), attentionJob[T]{*a, y, x})
}

type attentionJob[T Float] struct {
	Attention[T]
	y, x []T
}

func (j *attentionJob[T]) Do(lo, hi int) {
	heads, queries, keys := j.Shape[1], j.Shape[2], j.Shape[3]
	for r := lo; r < hi; r++ {
		n, h, q := r/(heads*queries), r/queries%heads, r%queries
		y, end := j.y[r*keys:][:keys], j.visible(n, q)
		clear(y[end:])
		if end == 0 {
			continue
		}
		y = y[:end]
		vec.MulScalar(y, j.x[r*keys:][:end], T(j.Scale))
		if j.Mask != nil {
			mask := j.Mask[n*j.MaskSteps[0]+h*j.MaskSteps[1]+q*j.MaskSteps[2]:]
			if j.MaskSteps[3] == 0 {
				vec.AddScalar(y, y, mask[0])
			} else {
				vec.Add(y, y, mask[:end])
			}
		}
		top := vec.Max(y)
		if math.IsInf(top, -1) {
			clear(y)
			continue
		}
		vec.ScaleLine(y, y, 1/vec.ExpLine(y, y, top))
	}
}

// visible returns how many of the first keys a query of a sample may look at, as far
// as the mask does not say.
func (a *Attention[T]) visible(sample, query int) int {
	end := a.Shape[3]
	if a.Causal {
		end = min(end, query+1)
	}
	if a.Lengths != nil {
		end = min(end, int(a.Lengths[sample]))
	}
	return end
}

// AttentionBackward computes the gradient of the scores from the weights y, rows of so
// many keys: dx = scale·y·(dy - Σ y·dy). dx may be y or dy.
func AttentionBackward[T Float](dx, y, dy []T, rows, keys int, scale float64) {
	pool.Run(rows, rowGrain(keys), attentionGradJob[T]{dx, y, dy, keys, T(scale)})
}

type attentionGradJob[T Float] struct {
	dx, y, dy []T
	keys      int
	scale     T
}

func (j *attentionGradJob[T]) Do(lo, hi int) {
	for r := lo; r < hi; r++ {
		dx := j.dx[r*j.keys:][:j.keys]
		softmaxLineGrad(dx, j.y[r*j.keys:][:j.keys], j.dy[r*j.keys:][:j.keys])
		if j.scale != 1 {
			vec.MulScalar(dx, dx, j.scale)
		}
	}
}
