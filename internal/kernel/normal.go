package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
	"github.com/thinnet/thinnet/internal/philox"
)

// A Normal is noise z of a normal distribution, a function of a stream and a step as a
// [Mask] is. Element e takes the same 16 bits: the low one is the sign, and the 15
// others choose a quantile of the distribution.
type Normal struct {
	Key   philox.Key
	Step  uint64
	Scale float64 // the standard deviation
	Mul   bool
}

func (m Normal) op() vec.NormalOp {
	if m.Mul {
		return vec.NormalMul
	}
	return vec.NormalAdd
}

func (m Normal) draws() vec.Draws { return vec.Draws{Key: m.Key, Step: m.Step} }

// NormalApply computes y = x + Scale·z, or x·(1 + Scale·z) where m says Mul. y may be x.
func NormalApply[T Float](m Normal, y, x []T) {
	pool.Run(len(x), elementGrain, normalJob[T]{m.draws(), m.op(), T(m.Scale), y[:len(x)], x})
}

type normalJob[T Float] struct {
	draws vec.Draws
	op    vec.NormalOp
	scale T
	y, x  []T
}

func (j *normalJob[T]) Do(lo, hi int) {
	vec.NormalApply(j.op, &j.draws, j.y[lo:hi], j.x[lo:hi], uint64(lo/vec.HalfWords), j.scale)
}

// NormalApplyLast is [NormalApply] for x of shape (n, c, s) that lies in memory as
// (n, s, c): z is the same, its elements being numbered as in (n, c, s). y may be x.
func NormalApplyLast[T Float](m Normal, y, x []T, n, c, s int) {
	x = x[:n*c*s]
	y = y[:len(x)]
	if c <= 1 || s <= 1 {
		NormalApply(m, y, x)
		return
	}
	of := lastBits{c: c, s: s}
	pool.Run(n*of.tiles(), rowGrain(wordBits*c), normalLastJob[T]{normalJob[T]{m.draws(), m.op(), T(m.Scale), y, x}, of})
}

type normalLastJob[T Float] struct {
	normalJob[T]
	of lastBits
}

// Do draws the numbers of 64 channels of a tile at a time, transposes them, and applies
// those of the whole tile.
func (j *normalLastJob[T]) Do(lo, hi int) {
	b := borrowScratch[T]()
	c := j.of.c
	resize(&b.panel, wordBits*2*wordBits)
	resize(&b.tile, wordBits*c)
	for k := lo; k < hi; k++ {
		at, end := j.of.tile(k)
		height := (end - at) / c
		e := k/j.of.tiles()*c*j.of.s + k%j.of.tiles()*wordBits // the number of the tile's first element
		z := b.tile[:end-at]
		for k0 := 0; k0 < c; k0 += wordBits {
			width := min(wordBits, c-k0)
			j.transposed(z[k0:], b.panel, e+k0*j.of.s, width, height)
		}
		if j.op == vec.NormalMul {
			vec.AddScalar(z, z, 1)
			vec.Mul(j.y[at:end], j.x[at:end], z)
		} else {
			vec.Add(j.y[at:end], j.x[at:end], z)
		}
	}
	b.release()
}

// transposed draws numbers for height elements of each of width channels, from element
// e on, and writes those of a channel c apart.
func (j *normalLastJob[T]) transposed(z, panel []T, e, width, height int) {
	const row = 2 * wordBits // of the panel, whose first numbers may be of elements before
	clear(panel)
	s := j.of.s
	if s%vec.HalfWords == 0 {
		for k := range width {
			line := panel[k*row:][:wordBits]
			vec.NormalApply(vec.NormalAdd, &j.draws, line, line, uint64((e+k*s)/vec.HalfWords), j.scale)
		}
		vec.Transpose(z, panel, width, height, j.of.c, row)
		return
	}
	for k := range width {
		line, skip := panel[k*row:][:row], (e+k*s)%vec.HalfWords
		vec.NormalApply(vec.NormalAdd, &j.draws, line, line, uint64((e+k*s)/vec.HalfWords), j.scale)
		copy(line, line[skip:])
	}
	vec.Transpose(z, panel, width, height, j.of.c, row)
}
