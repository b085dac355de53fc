package kernel

import (
	"math/bits"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/philox"
)

// Squares writes factors for the positions of n samples of h by w: with probability
// p a sample has zeros in a square of size by size whose centre, the one further down
// and right of two, is drawn evenly from all positions, and which ends at the border.
// All others are 1.
//
// Sample i reads block i of the step: the first two words for row and column, the
// third one for whether it has a square.
func Squares[T Float](k []T, key philox.Key, step uint64, n, h, w, size int, p float64) {
	pool.Run(n, rowGrain(h*w), squaresJob[T]{k, key, step, h, w, size, p})
}

type squaresJob[T Float] struct {
	k          []T
	key        philox.Key
	step       uint64
	h, w, size int
	p          float64
}

func (j *squaresJob[T]) Do(lo, hi int) {
	for n := lo; n < hi; n++ {
		k := j.k[n*j.h*j.w:][:j.h*j.w]
		fill(k, 1)
		draw := philox.Block(philox.At(j.step, uint64(n)), j.key)
		if unit(draw[2]) > j.p {
			continue
		}
		y, x := below(draw[0], j.h)-j.size/2, below(draw[1], j.w)-j.size/2
		for row := max(0, y); row < min(j.h, y+j.size); row++ {
			clear(k[row*j.w:][max(0, x):min(j.w, x+j.size)])
		}
	}
}

// below is a word as an even draw from 0 to n-1.
func below(w uint32, n int) int {
	hi, _ := bits.Mul32(w, uint32(n))
	return int(hi)
}
