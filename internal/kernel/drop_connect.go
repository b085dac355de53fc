package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
	"github.com/thinnet/thinnet/internal/philox"
)

// The products of a linear map (out, in) that drops other weights for each row of its
// input (rows, in). The factor k of weight (o, i) for row r is that of element
//
//	(r·out + o)·stride + i,   stride = in+1 rounded up to a multiple of 8
//
// of the mask, so that the weights of each unit begin a block of draws. The bias is the
// weight i = in. Factors are never stored: each product draws all that it needs. What
// is dropped adds exactly 0, even where it is NaN or infinite. A mask that drops
// nothing has factors of 1.

// DropConnect computes y[r,o] = Σ_i k[r,o,i]·w[o,i]·x[r,i] + k[r,o,in]·bias[o], with
// sums in float64; bias may be nil.
func DropConnect[T Float](m Mask, y, x, w, bias []T, rows, out, in int) {
	switch m.Threshold {
	case 0:
		Linear(y, x, w, bias, rows, out, in, false)
	case dropAll:
		clear(y)
	default:
		pool.Run(rows*out, grainFor(in), dropConnectJob[T]{m.draws(), T(m.Scale), y, x, w, bias, out, in})
	}
}

// DropConnectGradX computes dx[r,i] = Σ_o k[r,o,i]·w[o,i]·dy[r,o].
func DropConnectGradX[T Float](m Mask, dx, dy, w []T, rows, out, in int) {
	switch m.Threshold {
	case 0:
		MatMul(dx, dy, w, rows, in, out, false, false, false)
	case dropAll:
		clear(dx)
	default:
		pool.Run(rows, grainFor(out*in), dropConnectXJob[T]{m.draws(), T(m.Scale), dx, dy, w, out, in})
	}
}

// DropConnectGradW computes dw[o,i] = Σ_r k[r,o,i]·x[r,i]·dy[r,o].
func DropConnectGradW[T Float](m Mask, dw, dy, x []T, rows, out, in int) {
	switch m.Threshold {
	case 0:
		MatMul(dw, dy, x, out, in, rows, true, false, false)
	case dropAll:
		clear(dw)
	default:
		pool.Run(out, grainFor(rows*in), dropConnectWJob[T]{m.draws(), T(m.Scale), dw, dy, x, rows, out, in})
	}
}

// DropConnectGradB computes db[o] = Σ_r k[r,o,in]·dy[r,o], added up in float64.
func DropConnectGradB[T Float](m Mask, db, dy []T, rows, out, in int) {
	switch m.Threshold {
	case 0:
		ChannelSum(db, dy, rows, out, 1)
	case dropAll:
		clear(db)
	default:
		pool.Run(out, grainFor(20*rows), dropConnectBJob[T]{m.draws(), m.Scale, db, dy, rows, out, in})
	}
}

// unitBlock is the number of the block that draws the first of in weights of a unit,
// which is unit k counting those of all rows.
func unitBlock(k, in int) uint64 { return uint64(k) * uint64(in/vec.HalfWords+1) }

// keepsBias tells whether unit k keeps its bias.
func keepsBias(d *vec.Draws, k, in int) bool {
	words := philox.Block(philox.At(d.Step, unitBlock(k, in)+uint64(in/vec.HalfWords)), d.Key)
	at := in % vec.HalfWords
	return words[at/2]>>(at%2*16)&0xffff >= d.Threshold
}

type dropConnectJob[T Float] struct {
	draws         vec.Draws
	scale         T
	y, x, w, bias []T
	out, in       int
}

func (j *dropConnectJob[T]) Do(lo, hi int) {
	s := borrowScratch[T]()
	kept := resize(&s.operand, j.in)
	for k := lo; k < hi; k++ {
		r, o := k/j.out, k%j.out
		vec.MaskApply(&j.draws, kept, j.w[o*j.in:][:j.in], unitBlock(k, j.in), j.scale)
		j.y[k] = T(vec.Dot(kept, j.x[r*j.in:][:j.in]))
		if j.bias != nil && keepsBias(&j.draws, k, j.in) {
			j.y[k] += j.scale * j.bias[o]
		}
	}
	s.release()
}

type dropConnectXJob[T Float] struct {
	draws     vec.Draws
	scale     T
	dx, dy, w []T
	out, in   int
}

func (j *dropConnectXJob[T]) Do(lo, hi int) {
	s := borrowScratch[T]()
	kept := resize(&s.operand, j.in)
	for r := lo; r < hi; r++ {
		dx := j.dx[r*j.in:][:j.in]
		clear(dx)
		for o := range j.out {
			k := r*j.out + o
			vec.MaskApply(&j.draws, kept, j.w[o*j.in:][:j.in], unitBlock(k, j.in), j.scale*j.dy[k])
			vec.Add(dx, dx, kept)
		}
	}
	s.release()
}

type dropConnectWJob[T Float] struct {
	draws         vec.Draws
	scale         T
	dw, dy, x     []T
	rows, out, in int
}

func (j *dropConnectWJob[T]) Do(lo, hi int) {
	s := borrowScratch[T]()
	kept := resize(&s.operand, j.in)
	for o := lo; o < hi; o++ {
		dw := j.dw[o*j.in:][:j.in]
		clear(dw)
		for r := range j.rows {
			k := r*j.out + o
			vec.MaskApply(&j.draws, kept, j.x[r*j.in:][:j.in], unitBlock(k, j.in), j.scale*j.dy[k])
			vec.Add(dw, dw, kept)
		}
	}
	s.release()
}

type dropConnectBJob[T Float] struct {
	draws         vec.Draws
	scale         float64
	db, dy        []T
	rows, out, in int
}

func (j *dropConnectBJob[T]) Do(lo, hi int) {
	for o := lo; o < hi; o++ {
		sum := 0.0
		for r := range j.rows {
			if k := r*j.out + o; keepsBias(&j.draws, k, j.in) {
				sum += float64(j.dy[k])
			}
		}
		j.db[o] = T(j.scale * sum)
	}
}
