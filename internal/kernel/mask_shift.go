package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// MaskShift computes y = base for what m drops, exactly, even for NaN, and
// x·m.Scale + gap + base for the rest, from left to right. A mask that drops nothing
// copies x, and one that drops all gives zeros. y may be x.
func MaskShift[T Float](m Mask, gap, base float64, y, x []T) {
	y = y[:len(x)]
	if m.trivial() {
		applyTrivial(m, y, x)
		return
	}
	pool.Run(len(x), elementGrain, maskShiftJob[T]{maskJob[T]{m.draws(), T(m.Scale), y, x}, T(gap), T(base)})
}

type maskShiftJob[T Float] struct {
	maskJob[T]
	gap, base T
}

func (j *maskShiftJob[T]) Do(lo, hi int) {
	vec.MaskShift(&j.draws, j.y[lo:hi], j.x[lo:hi], uint64(lo/vec.HalfWords), j.scale, j.gap, j.base)
}

// MaskShiftLast is [MaskShift] for x of shape (n, c, s) that lies in memory as
// (n, s, c).
func MaskShiftLast[T Float](m Mask, gap, base float64, y, x []T, n, c, s int) {
	x = x[:n*c*s]
	y = y[:len(x)]
	if m.trivial() || c <= 1 || s <= 1 {
		MaskShift(m, gap, base, y, x)
		return
	}
	drawn := drawBits(m, len(x))
	l := lastBits{drawn.words, c, s}
	pool.Run(n*l.tiles(), rowGrain(wordBits*c), maskShiftLastJob[T]{maskLastJob[T]{l, T(m.Scale), y, x}, T(gap), T(base)})
	spareBits.GiveBack(drawn)
}

type maskShiftLastJob[T Float] struct {
	maskLastJob[T]
	gap, base T
}

func (j *maskShiftLastJob[T]) Do(lo, hi int) {
	packed := borrowBits(j.c)
	for k := lo; k < hi; k++ {
		at, end := j.pack(packed.words, k)
		y := j.y[at:end]
		vec.MulScalar(y, j.x[at:end], j.scale)
		vec.AddScalar(y, y, j.gap)
		vec.BitsApply(y, y, packed.words, 1)
		vec.AddScalar(y, y, j.base)
	}
	spareBits.GiveBack(packed)
}

// MaskShiftBroadcast computes y = dropped where cells are 0, exactly, even for NaN, else
// x·cells + kept, with cells broadcast as in [MaskBroadcast]. y may be x.
func MaskShiftBroadcast[T Float](y, x, cells []T, kept, dropped float64, shape, noise []int) {
	s := borrowScratch[T]()
	shifts := shiftsOf(s, cells, kept, dropped)
	merged := sparePairs.Borrow()
	merged.axes = pairAxes(merged.axes, shape, shape, noise)
	inner, outer := merged.axes[0], merged.axes[1:]
	rows := 1
	for _, ax := range outer {
		rows *= ax.n
	}
	j := shiftJob[T]{
		pairJob[T]{pairMask, y, x, cells, inner, outer},
		pairJob[T]{pairOp(OpAdd), y, y, shifts, inner, outer},
	}
	switch {
	case rows == 1:
		pool.Run(inner.n, elementGrain, elementShift[T](j))
	case inner.n > 0:
		pool.Run(rows, rowGrain(inner.n), j)
	}
	sparePairs.GiveBack(merged)
	s.release()
}

// shiftsOf writes what is added to a product with each cell.
func shiftsOf[T Float](s *scratch[T], cells []T, kept, dropped float64) []T {
	shifts := resize(&s.operand, len(cells))
	for i, k := range cells {
		shifts[i] = T(kept)
		if k == 0 {
			shifts[i] = T(dropped)
		}
	}
	return shifts
}

// shiftJob multiplies and adds run by run, so that memory is gone through once.
type shiftJob[T Float] struct{ mul, add pairJob[T] }

func (j *shiftJob[T]) Do(lo, hi int) {
	for row, rows := lo, 0; row < hi; row += rows {
		var r pairRow
		r, rows = j.mul.run(row, hi)
		if r.bStep == 0 && j.mul.outer[0].b == 1 { // a cell a row
			vec.MulAddLines(j.mul.y[r.y:], j.mul.a[r.a:], j.mul.b[r.b:], j.add.b[r.b:], rows, r.n)
			continue
		}
		j.mul.rows(r, rows)
		j.add.rows(r, rows)
	}
}

type elementShift[T Float] shiftJob[T]

func (j *elementShift[T]) Do(lo, hi int) {
	(*elementPairs[T])(&j.mul).Do(lo, hi)
	(*elementPairs[T])(&j.add).Do(lo, hi)
}

// MaskShiftBroadcastLast is MaskShiftBroadcast for x of shape (n, c, s) that lies in
// memory as (n, s, c), and for cells of shape (n, c).
func MaskShiftBroadcastLast[T Float](y, x, cells []T, kept, dropped float64, n, c, s int) {
	height := min(s, rowGrain(c))
	if height == 0 {
		return
	}
	borrowed := borrowScratch[T]()
	shifts := shiftsOf(borrowed, cells, kept, dropped)
	blocks := (s + height - 1) / height
	pool.Run(n*blocks, rowGrain(height*c), shiftLastJob[T]{factorsLastJob[T]{y, x, cells, c, s, height, blocks}, shifts})
	borrowed.release()
}

type shiftLastJob[T Float] struct {
	factorsLastJob[T]
	shifts []T
}

func (j *shiftLastJob[T]) Do(lo, hi int) {
	j.factorsLastJob.Do(lo, hi)
	for k := lo; k < hi; k++ {
		sample, first := k/j.blocks, k%j.blocks*j.height
		y := j.y[(sample*j.s+first)*j.c:]
		vec.AddRows(y, y, j.shifts[sample*j.c:], min(j.height, j.s-first), j.c)
	}
}
