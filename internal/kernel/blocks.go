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
	group    int      // elements that are counted together
	fits     []uint64 // a bit for each element of a unit, set where a box may begin
	part     float64  // of the elements, of those
}

// NewBlocks prepares boxes of a size for groups of so many maps of a size.
func NewBlocks(groups, maps int, in, size [3]int) *Blocks {
	area := boxSize(in)
	group := maps * area
	maps *= groups
	unit := wordBits / vec.GCD(area, wordBits) // as many maps as fill whole words
	b := &Blocks{in: in, size: size, elements: maps * area, group: group, fits: make([]uint64, unit*area/wordBits)}
	for e := range min(unit, maps) * area {
		w := e % in[2]
		h := e / in[2] % in[1]
		d := e / (in[2] * in[1]) % in[0]
		if w+size[2] <= in[2] && h+size[1] <= in[1] && d+size[0] <= in[0] {
			b.fits[e/wordBits] |= 1 << (e % wordBits)
		}
	}
	b.part = float64(ones(b.fits)) / float64(min(unit, maps)*area)
	return b
}

// Geometry returns the size of a map, that of a box, and the number of elements of all maps
// and of those that are counted together.
func (b *Blocks) Geometry() (in, size [3]int, elements, group int) {
	return b.in, b.size, b.elements, b.group
}

// BlocksApply computes y = 0 for the elements of boxes, exactly, even for NaN, else
// x·k, where k is the number of elements of the group over that of those outside of all
// boxes. y may be x.
func BlocksApply[T Float](b *Blocks, m Corners, y, x []T) {
	x = x[:b.elements]
	y = y[:len(x)]
	if m.trivial() {
		applyTrivial(m.Mask, y, x)
		return
	}
	drawn := b.draw(m)
	pool.Run(len(x), elementGrain, bitsApplyJob[T]{drawn.words, T(b.scale(drawn)), y, x})
	scaleGroups(b, drawn, y)
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
func BlocksApplyLast[T Float](b *Blocks, m Corners, y, x []T, n, c, s int) {
	x = x[:b.elements]
	y = y[:len(x)]
	switch {
	case m.trivial():
		applyTrivial(m.Mask, y, x)
		return
	case c <= 1 || s <= 1:
		BlocksApply(b, m, y, x)
		return
	}
	drawn := b.draw(m)
	bitsApplyLast(drawn.words, T(b.scale(drawn)), y, x, n, c, s)
	scaleGroups(b, drawn, y) // whole samples, which lie in memory as before
	spareBits.GiveBack(drawn)
}

// BlocksCells writes the factors themselves.
func BlocksCells[T Float](b *Blocks, m Corners, cells []T) {
	fill(cells, 1)
	BlocksApply(b, m, cells, cells)
}

// draw returns what is kept as bits.
func (b *Blocks) draw(m Corners) *bitBuffer {
	n := (b.elements + wordBits - 1) / wordBits
	drawn := borrowBits(n + 1) // one more, so that any two may be read
	unit := len(b.fits)
	pool.Run((n+unit-1)/unit, rowGrain(unit*wordBits), blocksJob{b, m.draws(), m.Stay, drawn.words[:n]})
	return drawn
}

type blocksJob struct {
	b     *Blocks
	draws vec.Draws
	stay  float64
	words []uint64
}

// Do draws the bits of units and spreads each that begins a box over the box, which
// never leads out of its map.
func (j *blocksJob) Do(lo, hi int) {
	b := j.b
	at := lo * len(b.fits)
	words := j.words[at:min(hi*len(b.fits), len(j.words))]
	b.first(&j.draws, words, at)
	j.thin(words, at)
	if b.size[2] > wordBits || float64(j.draws.Threshold)*j.stay*b.part*float64(b.size[0]*b.size[1]) > fewRows*dropAll {
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
