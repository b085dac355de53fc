package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A pairAxis is an axis over which two operands are read together: its length
// and how far each operand moves per index, 0 where it is broadcast.
type pairAxis struct{ n, a, b int }

// A pairRow is a stretch of n elements of the result from y on. The operands
// start at a and b and move by aStep and bStep, each 0 or 1.
type pairRow struct{ y, a, b, n, aStep, bStep int }

// pairAxes merges the axes of a broadcast into as few as describe it, innermost
// first, and writes them over axes. Equal shapes give one axis, a channel in the middle three.
func pairAxes(axes []pairAxis, shape, as, bs []int) []pairAxis {
	axes = axes[:0]
	aLen, bLen := 1, 1
	for i := 1; i <= len(shape); i++ {
		next := pairAxis{n: shape[len(shape)-i]}
		if i <= len(as) && as[len(as)-i] != 1 {
			next.a, aLen = aLen, aLen*next.n
		}
		if i <= len(bs) && bs[len(bs)-i] != 1 {
			next.b, bLen = bLen, bLen*next.n
		}
		if next.n == 1 {
			continue
		}
		if len(axes) > 0 {
			last := &axes[len(axes)-1]
			if next.a == last.a*last.n && next.b == last.b*last.n {
				last.n *= next.n
				continue
			}
		}
		axes = append(axes, next)
	}
	if len(axes) == 0 {
		axes = append(axes, pairAxis{1, 1, 1})
	}
	return axes
}

// A pairOp is what is done with two operands.
type pairOp uint8

// pairMask multiplies; 0 wins over NaN. Other values are those of a [BinaryOp].
const pairMask pairOp = 255

// runPairs computes y = a op b, broadcasting operands of shapes as and bs to
// shape.
func runPairs[T Float](op pairOp, y, a, b []T, shape, as, bs []int) {
	merged := sparePairs.Borrow()
	merged.axes = pairAxes(merged.axes, shape, as, bs)
	inner, outer := merged.axes[0], merged.axes[1:]
	rows := 1
	for _, ax := range outer {
		rows *= ax.n
	}
	j := pairJob[T]{op, y, a, b, inner, outer}
	switch {
	case rows == 1:
		pool.Run(inner.n, elementGrain, elementPairs[T](j))
	case inner.n > 0:
		pool.Run(rows, rowGrain(inner.n), j)
	}
	sparePairs.GiveBack(merged)
}

type mergedPairs struct{ axes []pairAxis }

var sparePairs pool.Spare[mergedPairs]

// pairJob goes through rows of the innermost axis.
type pairJob[T Float] struct {
	op      pairOp
	y, a, b []T
	inner   pairAxis
	outer   []pairAxis
}

func (j *pairJob[T]) Do(lo, hi int) {
	for row, rows := lo, 0; row < hi; row += rows {
		var r pairRow
		r, rows = j.run(row, hi)
		j.rows(r, rows)
	}
}

// run returns a row, and how many rows from it on, up to hi, differ in the place on the
// first outer axis alone.
func (j *pairJob[T]) run(row, hi int) (r pairRow, rows int) {
	r = pairRow{y: row * j.inner.n, n: j.inner.n, aStep: j.inner.a, bStep: j.inner.b}
	rest := row
	for _, ax := range j.outer {
		i := rest % ax.n
		rest /= ax.n
		r.a += i * ax.a
		r.b += i * ax.b
	}
	if len(j.outer) == 0 {
		return r, 1
	}
	return r, min(hi-row, j.outer[0].n-row%j.outer[0].n)
}

// rows handles the rows of a run.
func (j *pairJob[T]) rows(r pairRow, rows int) {
	next := pairAxis{}
	if len(j.outer) > 0 {
		next = j.outer[0]
	}
	if rows > 1 && r.aStep == 1 && next.a == r.n { // a matrix a
		y, a, b := j.y[r.y:], j.a[r.a:], j.b[r.b:]
		switch {
		case r.bStep == 1 && next.b == 0 && j.op == pairOp(OpAdd):
			vec.AddRows(y, a, b, rows, r.n)
			return
		case r.bStep == 1 && next.b == 0 && j.op == pairMask:
			vec.MulRows(y, a, b, rows, r.n)
			return
		case r.bStep == 0 && next.b == 1 && j.op == pairMask:
			vec.MulLines(y, a, b, rows, r.n)
			return
		}
	}
	for range rows {
		j.row(r)
		r.y, r.a, r.b = r.y+r.n, r.a+next.a, r.b+next.b
	}
}

// elementPairs is a pairJob of one row, which is cut into pieces.
type elementPairs[T Float] pairJob[T]

func (j *elementPairs[T]) Do(lo, hi int) {
	in := j.inner
	(*pairJob[T])(j).row(pairRow{lo, lo * in.a, lo * in.b, hi - lo, in.a, in.b})
}

func (j *pairJob[T]) row(r pairRow) {
	y := j.y[r.y:][:r.n]
	if j.op == pairMask {
		maskRow(y, j.a[r.a:][:r.n], j.b[r.b:], r.bStep)
		return
	}
	op := BinaryOp(j.op)
	switch {
	case r.aStep == 0 && r.bStep == 0:
		a, b := [1]T{j.a[r.a]}, [1]T{j.b[r.b]}
		binary(op, y[:1], a[:], b[:])
		fill(y, y[0])
	case r.bStep == 0:
		binaryScalar(op, y, j.a[r.a:][:r.n], j.b[r.b])
	case r.aStep == 0:
		scalarBinary(op, y, j.a[r.a], j.b[r.b:][:r.n])
	default:
		binary(op, y, j.a[r.a:][:r.n], j.b[r.b:][:r.n])
	}
}

func maskRow[T Float](y, x, k []T, kStep int) {
	switch {
	case kStep == 1:
		vec.MulCells(y, x, k)
	case k[0] == 0:
		clear(y)
	default:
		vec.MulScalar(y, x, k[0])
	}
}
