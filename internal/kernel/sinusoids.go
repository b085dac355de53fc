package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// AddSinusoids computes y[i,t] = x[i,t] + row t of a table, for x of shape
// (n, steps, width). The row holds, in turn, sine and cosine of t / 10000^(j/width)
// for j = 0, 2, 4, ... y may be x.
func AddSinusoids[T Float](y, x []T, n, steps, width int) {
	pool.Run(steps, rowGrain(n*width+16*width), sinusoidsJob[T]{y, x, n, steps, width})
}

type sinusoidsJob[T Float] struct {
	y, x            []T
	n, steps, width int
}

func (j *sinusoidsJob[T]) Do(lo, hi int) {
	s := borrowScratch[T]()
	table := resize(&s.operand, (hi-lo)*j.width)
	for k := 0; k < j.width; k += 2 {
		slope := math.Pow(10000, -float64(k)/float64(j.width))
		for t := range hi - lo {
			sin, cos := math.Sincos(float64(lo+t) * slope)
			pair := table[t*j.width+k:][:min(2, j.width-k)]
			pair[0] = T(sin)
			if len(pair) > 1 {
				pair[1] = T(cos)
			}
		}
	}
	for i := range j.n {
		e := (i*j.steps + lo) * j.width
		vec.Add(j.y[e:][:len(table)], j.x[e:][:len(table)], table)
	}
	s.release()
}
