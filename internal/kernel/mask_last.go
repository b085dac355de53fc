package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// MaskApplyLast is [MaskApply] for x of shape (n, c, s) that lies in memory as
// (n, s, c): what is dropped is the same, its elements being numbered as in
// (n, c, s). y may be x.
//
// The bits of the mask are drawn first, in the order of their numbers: they take a
// 32nd of the memory of x. Then blocks of 64 elements by 64 channels of them are
// transposed and applied.
func MaskApplyLast[T Float](m Mask, y, x []T, n, c, s int) {
	x = x[:n*c*s]
	y = y[:len(x)]
	switch {
	case m.trivial():
		applyTrivial(m, y, x)
		return
	case c <= 1 || s <= 1:
		MaskApply(m, y, x)
		return
	}
	drawn := drawBits(m, len(x))
	bitsApplyLast(drawn.words, T(m.Scale), y, x, n, c, s)
	spareBits.GiveBack(drawn)
}

// bitsApplyLast computes y = 0 where the bit of an element is 0, else x·scale. The
// bits are in the order of (n, c, s), and there is a word more than they take.
func bitsApplyLast[T Float](bits []uint64, scale T, y, x []T, n, c, s int) {
	l := lastBits{bits, c, s}
	pool.Run(n*l.tiles(), rowGrain(wordBits*c), maskLastJob[T]{l, scale, y, x})
}

const wordBits = vec.WordBits

// A bitBuffer is the working memory of a mask.
type bitBuffer struct{ words []uint64 }

var spareBits pool.Spare[bitBuffer]

func borrowBits(n int) *bitBuffer {
	b := spareBits.Borrow()
	resize(&b.words, n)
	return b
}

// drawBits draws the bits of n elements.
func drawBits(m Mask, n int) *bitBuffer {
	drawn := borrowBits((n+wordBits-1)/wordBits + 1) // one more, so that any two may be read
	pool.Run(len(drawn.words), elementGrain/wordBits, bitsJob{m.draws(), drawn.words})
	return drawn
}

type bitsJob struct {
	draws vec.Draws
	words []uint64
}

func (j *bitsJob) Do(lo, hi int) {
	vec.MaskBits(&j.draws, j.words[lo:hi], uint64(lo)*wordBits/vec.HalfWords)
}

type maskLastJob[T Float] struct {
	lastBits
	scale T
	y, x  []T
}

func (j *maskLastJob[T]) Do(lo, hi int) {
	packed := borrowBits(j.c) // the bits of a tile in the order of its memory
	for k := lo; k < hi; k++ {
		at, end := j.pack(packed.words, k)
		vec.BitsApply(j.y[at:end], j.x[at:end], packed.words, j.scale)
	}
	spareBits.GiveBack(packed)
}

// lastBits are the bits of a mask in the order (n, c, s), for memory in the order (n, s, c).
type lastBits struct {
	bits []uint64
	c, s int
}

// tiles is the number of tiles of a sample: a tile is up to 64 positions of all its
// channels.
func (j *lastBits) tiles() int { return (j.s + wordBits - 1) / wordBits }

// tile returns where tile k lies in memory.
func (j *lastBits) tile(k int) (at, end int) {
	sample, first := k/j.tiles(), k%j.tiles()*wordBits
	at = (sample*j.s + first) * j.c
	return at, at + min(wordBits, j.s-first)*j.c
}

// pack brings the bits of tile k into the order of its memory, and returns where it
// lies there.
func (j *lastBits) pack(out []uint64, k int) (at, end int) {
	sample, first := k/j.tiles(), k%j.tiles()*wordBits
	height := min(wordBits, j.s-first)
	e := sample*j.c*j.s + first // the bits of channel k start at e+k·s
	whole := j.c%wordBits == 0
	if !whole {
		clear(out)
	}
	var block [wordBits]uint64
	for k0 := 0; k0 < j.c; k0 += wordBits {
		width := min(wordBits, j.c-k0)
		at := e + k0*j.s
		for k := range block[:width] {
			word, shift := uint(at)/wordBits, uint(at)%wordBits
			pair := j.bits[word : word+2 : word+2]
			block[k] = pair[0]>>shift | pair[1]<<(wordBits-shift)
			at += j.s
		}
		clear(block[width:])
		vec.TransposeBits(&block)
		if whole {
			for i, w := range block[:height] {
				out[(i*j.c+k0)/wordBits] = w
			}
			continue
		}
		for i, w := range block[:height] {
			at := i*j.c + k0
			word, shift := at/wordBits, at%wordBits
			out[word] |= w << shift
			if shift+width > wordBits {
				out[word+1] |= w >> (wordBits - shift)
			}
		}
	}
	return j.tile(k)
}

// MaskBroadcastLast computes y = x·k[n,c] for x of shape (n, c, s) that lies in
// memory as (n, s, c). Where a factor is 0 the result is exactly 0, even for NaN.
// y may be x.
func MaskBroadcastLast[T Float](y, x, k []T, n, c, s int) {
	height := min(s, rowGrain(c))
	if height == 0 {
		return
	}
	blocks := (s + height - 1) / height
	pool.Run(n*blocks, rowGrain(height*c), factorsLastJob[T]{y, x, k, c, s, height, blocks})
}

type factorsLastJob[T Float] struct {
	y, x, k              []T
	c, s, height, blocks int
}

func (j *factorsLastJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		sample, first := k/j.blocks, k%j.blocks*j.height
		at := (sample*j.s + first) * j.c
		vec.MulRows(j.y[at:], j.x[at:], j.k[sample*j.c:], min(j.height, j.s-first), j.c)
	}
}
