package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// MaskSum computes y = x·k + f·l, where k is 0 for what a drops and a.Scale for what it
// keeps, and l the same for b; a mask that drops nothing scales. What is dropped is
// exactly 0, even for NaN. y may be x or f.
func MaskSum[T Float](a, b Mask, y, x, f []T) {
	pool.Run(len(x), elementGrain, maskSumJob[T]{newTerm(a, x), newTerm(b, f[:len(x)]), y[:len(x)]})
}

// A maskTerm is one of the products of a MaskSum.
type maskTerm[T Float] struct {
	draws     vec.Draws
	scale     T
	all, none bool // of it is kept
	x         []T
}

func newTerm[T Float](m Mask, x []T) maskTerm[T] {
	return maskTerm[T]{m.draws(), T(m.Scale), m.Threshold == 0, m.Threshold == dropAll, x}
}

// trivial computes the term of elements lo to hi where nothing is drawn for it.
func (t *maskTerm[T]) trivial(y []T, lo, hi int) bool {
	switch {
	case t.all:
		vec.MulScalar(y, t.x[lo:hi], t.scale)
	case t.none:
		clear(y)
	}
	return t.all || t.none
}

func (t *maskTerm[T]) apply(y []T, lo, hi int) {
	if !t.trivial(y, lo, hi) {
		vec.MaskApply(&t.draws, y, t.x[lo:hi], uint64(lo/vec.HalfWords), t.scale)
	}
}

type maskSumJob[T Float] struct {
	a, b maskTerm[T]
	y    []T
}

// sumPiece is how many elements are handled at a time: both terms of them fit a
// level-1 cache, so memory is gone through once.
const sumPiece = 1 << 11

func (j *maskSumJob[T]) Do(lo, hi int) {
	s := borrowScratch[T]()
	second := resize(&s.panel, sumPiece)
	for ; lo < hi; lo += sumPiece {
		end := min(lo+sumPiece, hi)
		y, second := j.y[lo:end], second[:end-lo]
		j.b.apply(second, lo, end)
		j.a.apply(y, lo, end)
		vec.Add(y, y, second)
	}
	s.release()
}

// MaskSumLast is [MaskSum] for x and f of shape (n, c, s) that lie in memory as
// (n, s, c).
func MaskSumLast[T Float](a, b Mask, y, x, f []T, n, c, s int) {
	x = x[:n*c*s]
	y, f = y[:len(x)], f[:len(x)]
	if c <= 1 || s <= 1 || a.trivial() && b.trivial() {
		MaskSum(a, b, y, x, f)
		return
	}
	j := maskSumLastJob[T]{a: newTerm(a, x), b: newTerm(b, f), y: y, of: lastBits{c: c, s: s}}
	var drawn [2]*bitBuffer
	for i, m := range [2]Mask{a, b} {
		if !m.trivial() {
			drawn[i] = drawBits(m, len(x))
			j.bits[i] = drawn[i].words
		}
	}
	pool.Run(n*j.of.tiles(), rowGrain(wordBits*c), j)
	for _, d := range drawn {
		if d != nil {
			spareBits.GiveBack(d)
		}
	}
}

type maskSumLastJob[T Float] struct {
	a, b maskTerm[T]
	y    []T
	bits [2][]uint64
	of   lastBits
}

func (j *maskSumLastJob[T]) Do(lo, hi int) {
	packed := borrowBits(j.of.c)
	s := borrowScratch[T]()
	resize(&s.panel, wordBits*j.of.c)
	for k := lo; k < hi; k++ {
		at, end := j.of.tile(k)
		y, second := j.y[at:end], s.panel[:end-at]
		j.term(&j.b, j.bits[1], second, packed.words, k, at, end)
		j.term(&j.a, j.bits[0], y, packed.words, k, at, end)
		vec.Add(y, y, second)
	}
	s.release()
	spareBits.GiveBack(packed)
}

// term computes a term of tile k, elements at to end of memory.
func (j *maskSumLastJob[T]) term(t *maskTerm[T], bits []uint64, y []T, packed []uint64, k, at, end int) {
	if t.trivial(y, at, end) {
		return
	}
	of := lastBits{bits, j.of.c, j.of.s}
	of.pack(packed, k)
	vec.BitsApply(y, t.x[at:end], packed, t.scale)
}
