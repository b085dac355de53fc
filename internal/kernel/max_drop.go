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
	of := borrowScratch[T]()
	for n := lo; n < hi; n++ {
		at := n * rows * width
		src, x, y := j.src[at:][:rows*width], j.x[at:][:rows*width], j.y[at:][:rows*width]
		if g.Across != g.Last { // draws are those of columns
			tops := resize(&of.operand, width)
			fill(tops, T(math.Inf(-1)))
			vec.MaxRows(tops, x, rows)
			for i := range tops {
				if !j.drops(n*width + i) {
					tops[i] = T(math.NaN())
				}
			}
			vec.ZeroFirst(y, src, x, tops, rows)
			continue
		}
		tops := resize(&of.operand, rows)
		vec.MaxLines(tops, x, width)
		copy(y, src)
		for i, top := range tops {
			if j.drops(n*rows + i) {
				if e := slices.Index(x[i*width:][:width], top); e >= 0 {
					y[i*width+e] = 0
				}
			}
		}
	}
	of.release()
}

func (j *maxDropJob[T]) drops(e int) bool { return j.bits[e/wordBits]>>(e%wordBits)&1 == 0 }
