package kernel

import (
	"math"
	"slices"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Maxima are elements of x of shape (n, c, s), or if Last (n, s, c) in memory: of each
// map the largest one, or if Across the largest one of all channels at each position.
// Of equals it is the first, and NaN is not the largest.
type Maxima struct {
	N, C, S      int
	Across, Last bool
}

// MaxDrop copies src to y, with 0 in place of the maxima of x that m drops. Draw
// (n, c) of the mask is for a map, and draw (n, s) for a position.
func MaxDrop[T Float](g Maxima, m Mask, y, src, x []T) {
	draws := g.N * g.C
	if g.Across {
		draws = g.N * g.S
	}
	drawn := borrowBits((draws + wordBits - 1) / wordBits)
	switch m.Threshold {
	case 0:
		for i := range drawn.words {
			drawn.words[i] = ^uint64(0)
		}
	case dropAll:
		clear(drawn.words)
	default:
		d := m.draws()
		vec.MaskBits(&d, drawn.words, 0)
	}
	pool.Run(g.N, rowGrain(g.C*g.S), maxDropJob[T]{g, drawn.words, y, src, x})
	spareBits.GiveBack(drawn)
}

type maxDropJob[T Float] struct {
	g         Maxima
	bits      []uint64
	y, src, x []T
}

func (j *maxDropJob[T]) Do(lo, hi int) {
	g := j.g
	rows, width := g.C, g.S
	if g.Last {
		rows, width = g.S, g.C
	}
	tops := pool.SpareOf[columnTops[T]]().Borrow()
	for n := lo; n < hi; n++ {
		at := n * rows * width
		x, y := j.x[at:][:rows*width], j.y[at:][:rows*width]
		copy(y, j.src[at:][:rows*width])
		if g.Across != g.Last { // draws are those of columns
			for i, e := range tops.of(x, width) {
				if e >= 0 && j.drops(n*width+i) {
					y[e] = 0
				}
			}
			continue
		}
		for i := range rows {
			if j.drops(n*rows + i) {
				row := x[i*width:][:width]
				if e := slices.Index(row, T(vec.Max(row))); e >= 0 {
					y[i*width+e] = 0
				}
			}
		}
	}
	pool.SpareOf[columnTops[T]]().GiveBack(tops)
}

func (j *maxDropJob[T]) drops(e int) bool { return j.bits[e/wordBits]>>(e%wordBits)&1 == 0 }

// columnTops are the largest elements of columns, and where they are.
type columnTops[T Float] struct {
	values []T
	at     []int
}

// of returns the places of the largest elements in the columns of x, -1 where all are
// NaN.
func (c *columnTops[T]) of(x []T, width int) []int {
	values, at := resize(&c.values, width), resize(&c.at, width)
	for i := range values {
		values[i], at[i] = T(math.Inf(-1)), -1
	}
	for row := 0; row < len(x); row += width {
		for i, v := range x[row:][:width] {
			if v > values[i] || at[i] < 0 && v == v {
				values[i], at[i] = v, row+i
			}
		}
	}
	return at
}
