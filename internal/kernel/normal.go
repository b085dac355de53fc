package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
	"github.com/thinnet/thinnet/internal/philox"
)

// A Normal is noise z of a normal distribution, a function of a stream and a step as a
// [Mask] is. Element e takes 16 bits at the same place: the low one is the sign, and the
// 15 others choose a quantile of the distribution.
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

// NormalApply computes y = x + Scale·z, or x + x·Scale·z where m says Mul. y may be x.
func NormalApply[T Float](m Normal, y, x []T) {
	pool.Run(len(x), elementGrain, newNormalJob(m, y, x))
}

type normalJob[T Float] struct {
	numbers vec.Normals[T]
	op      vec.NormalOp
	y, x    []T
}

func newNormalJob[T Float](m Normal, y, x []T) normalJob[T] {
	return normalJob[T]{vec.NewNormals(m.Key, m.Step, T(m.Scale)), m.op(), y[:len(x)], x}
}

func (j *normalJob[T]) Do(lo, hi int) {
	vec.NormalApply(j.op, &j.numbers, j.y[lo:hi], j.x[lo:hi], uint64(lo/vec.HalfWords))
}

// NormalApplyLast is [NormalApply] for x of shape (n, c, s) that lies in memory as
// (n, s, c): z is the same, its elements being numbered as in (n, c, s). y may be x.
func NormalApplyLast[T Float](m Normal, y, x []T, n, c, s int) {
	x = x[:n*c*s]
	if c <= 1 || s <= 1 {
		NormalApply(m, y, x)
		return
	}
	tiles := (s + normalTile - 1) / normalTile
	pool.Run(n*tiles, rowGrain(normalTile*c), normalLastJob[T]{newNormalJob(m, y, x), c, s, tiles})
}

const (
	// normalTile is how many positions of all channels are handled at a time: the words
	// of so many elements of a channel are drawn one after the other.
	normalTile = 256
	// normalBand is how many channels of these are drawn before their words are
	// transposed: they fit a level-1 cache, and come to lie in whole cache lines.
	normalBand = 16
	// normalRow has a place for the words of blocks that belong to elements before and
	// after, and is a multiple of what the assembly handles.
	normalRow = (normalTile + wordBits) / 2
)

type normalLastJob[T Float] struct {
	normalJob[T]
	c, s, tiles int // tiles a sample
}

// Do draws words for pairs of positions of a channel, brings them into the order of
// memory, and applies each to its two elements.
func (j *normalLastJob[T]) Do(lo, hi int) {
	b := spareWords.Borrow()
	resize(&b.drawn, normalRow*normalBand)
	resize(&b.ordered, normalTile/2*j.c)
	for k := lo; k < hi; k++ {
		sample, first := k/j.tiles, k%j.tiles*normalTile
		height := min(normalTile, j.s-first)
		pairs := (height + 1) / 2
		for k0 := 0; k0 < j.c; k0 += normalBand {
			e := (sample*j.c+k0)*j.s + first // the number of the band's first element
			width := min(normalBand, j.c-k0)
			for k := range width {
				j.draw(b.drawn[k*normalRow:][:normalRow], e+k*j.s, height)
			}
			vec.TransposeWords(b.ordered[k0:], b.drawn, width, pairs, j.c, normalRow)
		}
		at := (sample*j.s + first) * j.c
		y, x := j.y[at:][:height*j.c], j.x[at:][:height*j.c]
		vec.NormalPairs(j.op, &j.numbers, y, x, b.ordered, height/2, j.c)
		if height%2 == 1 {
			j.odd(y[len(y)-j.c:], x[len(x)-j.c:], b.ordered[height/2*j.c:])
		}
	}
	spareWords.GiveBack(b)
}

// wordBuffer is the working memory of a normalLastJob.
type wordBuffer struct{ drawn, ordered []uint32 }

var spareWords pool.Spare[wordBuffer]

// draw writes the words of height elements from element e on, two in each.
func (j *normalLastJob[T]) draw(words []uint32, e, height int) {
	skip := e % vec.HalfWords
	n := (skip + height + wordBits - 1) / wordBits * wordBits / 2
	j.numbers.Words(words[:n], uint64(e/vec.HalfWords))
	switch {
	case skip == 0:
	case skip%2 == 0:
		copy(words, words[skip/2:n])
	default:
		from := words[skip/2 : n]
		for i, w := range from[1:] {
			words[i] = from[i]>>16 | w<<16
		}
		words[len(from)-1] = from[len(from)-1] >> 16
	}
}

// odd handles a last row that has no other one to make a pair.
func (j *normalLastJob[T]) odd(y, x []T, words []uint32) {
	s := borrowScratch[T]()
	pair := resize(&s.tile, 2*j.c)
	copy(pair, x)
	clear(pair[j.c:])
	vec.NormalPairs(j.op, &j.numbers, pair, pair, words, 1, j.c)
	copy(y, pair)
	s.release()
}
