package kernel

import (
	"math/bits"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Blocks are boxes that a mask drops from maps of up to three axes: an element that
// the draws of a [Mask] do not keep is the first corner of one, provided that the
// whole of it lies inside the map. Boxes may overlap.
type Blocks struct {
	in, size [3]int
	elements int      // of all maps
	fits     []uint64 // a bit for each element of a unit, set where a box may begin
}

// NewBlocks prepares boxes of a size for maps of a size.
func NewBlocks(maps int, in, size [3]int) *Blocks {
	area := boxSize(in)
	unit := wordBits / vec.GCD(area, wordBits) // as many maps as fill whole words
	b := &Blocks{in: in, size: size, elements: maps * area, fits: make([]uint64, unit*area/wordBits)}
	for e := range min(unit, maps) * area {
		w := e % in[2]
		h := e / in[2] % in[1]
		d := e / (in[2] * in[1]) % in[0]
		if w+size[2] <= in[2] && h+size[1] <= in[1] && d+size[0] <= in[0] {
			b.fits[e/wordBits] |= 1 << (e % wordBits)
		}
	}
	return b
}

// BlocksApply computes y = 0 for the elements of boxes, exactly, even for NaN, else
// x·k, where k is the number of elements over that of those outside of all boxes. y
// may be x.
func BlocksApply[T Float](b *Blocks, m Mask, y, x []T) {
	x = x[:b.elements]
	y = y[:len(x)]
	if m.trivial() {
		applyTrivial(m, y, x)
		return
	}
	drawn, scale := b.draw(m)
	pool.Run(len(x), elementGrain, bitsApplyJob[T]{drawn.words, T(scale), y, x})
	spareBits.GiveBack(drawn)
}

type bitsApplyJob[T Float] struct {
	bits  []uint64
	scale T
	y, x  []T
}

func (j *bitsApplyJob[T]) Do(lo, hi int) {
	vec.BitsApply(j.y[lo:hi], j.x[lo:hi], j.bits[lo/wordBits:], j.scale)
}

// BlocksApplyLast is [BlocksApply] for x of shape (n, c, s), a map for each channel
// of each sample, that lies in memory as (n, s, c).
func BlocksApplyLast[T Float](b *Blocks, m Mask, y, x []T, n, c, s int) {
	x = x[:b.elements]
	y = y[:len(x)]
	switch {
	case m.trivial():
		applyTrivial(m, y, x)
		return
	case c <= 1 || s <= 1:
		BlocksApply(b, m, y, x)
		return
	}
	drawn, scale := b.draw(m)
	bitsApplyLast(drawn.words, T(scale), y, x, n, c, s)
	spareBits.GiveBack(drawn)
}

// BlocksCells writes the factors themselves.
func BlocksCells[T Float](b *Blocks, m Mask, cells []T) {
	fill(cells, 1)
	BlocksApply(b, m, cells, cells)
}

// draw returns what is kept as bits, and the factor of it.
func (b *Blocks) draw(m Mask) (drawn *bitBuffer, scale float64) {
	n := (b.elements + wordBits - 1) / wordBits
	drawn = borrowBits(n + 1) // one more, so that any two may be read
	unit := len(b.fits)
	pool.Run((n+unit-1)/unit, rowGrain(unit*wordBits), blocksJob{b, m.draws(), drawn.words[:n]})
	kept := b.elements - n*wordBits // the bits beyond the last element are set
	for _, w := range drawn.words[:n] {
		kept += bits.OnesCount64(w)
	}
	if kept == 0 {
		return drawn, 0
	}
	return drawn, float64(b.elements) / float64(kept)
}

type blocksJob struct {
	b     *Blocks
	draws vec.Draws
	words []uint64
}

// Do draws the bits of units and spreads each that begins a box over the box, which
// never leads out of its map.
func (j *blocksJob) Do(lo, hi int) {
	b := j.b
	at := lo * len(b.fits)
	words := j.words[at:min(hi*len(b.fits), len(j.words))]
	b.first(&j.draws, words, at)
	if b.size[2] > wordBits || float64(j.draws.Threshold)*float64(b.size[0]*b.size[1]) > fewRows*dropAll {
		step := 1
		for axis := 2; axis >= 0; axis-- {
			spread(words, b.size[axis], step)
			step *= b.in[axis]
		}
	} else {
		b.spreadFew(words)
	}
	for i, w := range words {
		words[i] = ^w
	}
}

// fewRows is the number of rows of boxes an element up to which setting row after
// row takes less time than shifting all bits. A row takes some 2 ns, shifts some 0.1
// ns an element.
const fewRows = 0.05

// first sets the bits of the first corners of boxes in words of units, which begin
// with word at.
func (b *Blocks) first(draws *vec.Draws, words []uint64, at int) {
	vec.MaskBits(draws, words, uint64(at)*wordBits/vec.HalfWords)
	for unit := words; len(unit) > 0; unit = unit[min(len(b.fits), len(unit)):] {
		for i, fits := range b.fits[:min(len(b.fits), len(unit))] {
			unit[i] = ^unit[i] & fits
		}
	}
	if over := (at+len(words))*wordBits - b.elements; over > 0 {
		words[len(words)-1] &= ^uint64(0) >> over
	}
}

// spreadFew spreads one box after the other, from the last one on: what it sets lies
// after what it has still to read.
func (b *Blocks) spreadFew(words []uint64) {
	row := ^uint64(0) >> (wordBits - b.size[2])
	for i := len(words) - 1; i >= 0; i-- {
		corners := words[i]
		words[i] = 0
		for ; corners != 0; corners &= corners - 1 {
			first := i*wordBits + bits.TrailingZeros64(corners)
			for d := range b.size[0] {
				e := first + d*b.in[1]*b.in[2]
				for range b.size[1] {
					at, r := e/wordBits, uint(e)%wordBits
					words[at] |= row << r
					if rest := row >> (wordBits - r); rest != 0 {
						words[at+1] |= rest
					}
					e += b.in[2]
				}
			}
		}
	}
}

// spread sets the n-1 bits that follow each set bit at a distance of step, twice as
// many with each pass.
func spread(words []uint64, n, step int) {
	for done := 1; done < n; {
		by := min(done, n-done)
		orShifted(words, by*step)
		done += by
	}
}

// orShifted sets bit e+by for each set bit e.
func orShifted(words []uint64, by int) {
	q, r := by/wordBits, uint(by)%wordBits
	if q >= len(words) {
		return
	}
	from := words[:len(words)-q]
	to := words[q:]
	for i := len(from) - 1; i > 0; i-- {
		to[i] |= from[i]<<r | from[i-1]>>(wordBits-r) // a shift by all 64 bits is 0
	}
	to[0] |= from[0] << r
}
