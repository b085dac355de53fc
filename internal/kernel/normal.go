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
	tiles := (s + normalTile - 1) / normalTile
	pool.Run(n*tiles, rowGrain(normalTile*c), normalLastJob[T]{normalJob[T]{m.draws(), m.op(), T(m.Scale), y, x}, c, s, tiles})
}

const (
	// normalTile is how many positions of all channels are handled at a time: so many
	// numbers of a channel lie beside each other in the order in which they are drawn.
	normalTile = 256
	// normalBand is how many channels of these are drawn before they are transposed:
	// they fit a level-1 cache, and come to lie in whole cache lines.
	normalBand = 16
	// normalRow has a place for the numbers of a block that belong to elements before,
	// and is a multiple of what the assembly handles.
	normalRow = normalTile + wordBits
)

type normalLastJob[T Float] struct {
	normalJob[T]
	c, s, tiles int // tiles a sample
}

// Do draws what the elements of a tile are combined with, brings it into their order,
// and combines.
func (j *normalLastJob[T]) Do(lo, hi int) {
	b := borrowScratch[T]()
	source := resize(&b.operand, normalRow) // 0 + z is z, and 1·(1+z) is 1+z
	fill(source, 0)
	if j.op == vec.NormalMul {
		fill(source, 1)
	}
	resize(&b.panel, normalRow*normalBand)
	resize(&b.tile, normalTile*j.c)
	for k := lo; k < hi; k++ {
		sample, first := k/j.tiles, k%j.tiles*normalTile
		height := min(normalTile, j.s-first)
		z := b.tile[:height*j.c]
		for k0 := 0; k0 < j.c; k0 += normalBand {
			e := (sample*j.c+k0)*j.s + first // the number of the band's first element
			j.band(z[k0:], b.panel, source, e, min(normalBand, j.c-k0), height)
		}
		at := (sample*j.s + first) * j.c
		y, x := j.y[at:][:len(z)], j.x[at:][:len(z)]
		if j.op == vec.NormalMul {
			vec.Mul(y, x, z)
		} else {
			vec.Add(y, x, z)
		}
	}
	b.release()
}

// band draws for height elements of each of width channels, from element e on, and
// writes them c apart.
func (j *normalLastJob[T]) band(z, panel, source []T, e, width, height int) {
	for k := range width {
		line, at := panel[k*normalRow:], e+k*j.s
		skip := at % vec.HalfWords
		n := (skip + height + wordBits - 1) / wordBits * wordBits
		vec.NormalApply(j.op, &j.draws, line[:n], source[:n], uint64(at/vec.HalfWords), j.scale)
		if skip > 0 {
			copy(line, line[skip:skip+height])
		}
	}
	vec.Transpose(z, panel, width, height, j.c, normalRow)
}
