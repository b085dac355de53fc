package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/philox"
)

// A Mask says which elements a step of training drops. It is a function of a
// stream and a step: nothing is stored, and any element can be asked for in any
// order.
//
// Element e reads 16 bits, half-word e%8 of block e/8 of the step (the low half
// of word 0 first), and is kept iff they are at least Threshold.
type Mask struct {
	Key       philox.Key
	Step      uint64
	Threshold uint32  // the probability to drop, in 65536ths
	Scale     float64 // the factor of what is kept, 1/(1-Threshold/65536)
}

const (
	halfWords = 8 // per block
	dropAll   = 1 << 16
)

// NewMask returns a mask that drops with probability p, 0 ≤ p ≤ 1, rounded to a
// 65536th. If that is 1, Scale is 0.
func NewMask(key philox.Key, step uint64, p float64) Mask {
	m := Mask{Key: key, Step: step, Threshold: uint32(math.Round(p * dropAll))}
	if m.Threshold < dropAll {
		m.Scale = dropAll / float64(dropAll-m.Threshold)
	}
	return m
}

// MaskApply computes y = x·k, where k is 0 for what m drops and m.Scale for what
// it keeps. What is dropped is exactly 0, even for NaN. Being its own adjoint, it
// serves the backward pass as well. y may be x.
func MaskApply[T Float](m Mask, y, x []T) {
	y = y[:len(x)]
	switch m.Threshold {
	case 0:
		Parallel(len(x), elementGrain, func(lo, hi int) { copy(y[lo:hi], x[lo:hi]) })
		return
	case dropAll:
		clear(y)
		return
	}
	Parallel(len(x), elementGrain, func(lo, hi int) { applyMask(m, y[:hi], x[:hi], lo) })
}

// applyMask masks the elements from lo on, which begin a block.
func applyMask[T Float](m Mask, y, x []T, lo int) {
	scale := T(m.Scale)
	for e := lo; e < len(x); e += halfWords {
		words := philox.Block(philox.At(m.Step, uint64(e/halfWords)), m.Key)
		if e+halfWords > len(x) {
			for i := range len(x) - e {
				half := words[i/2] >> (i % 2 * 16) & 0xffff
				y[e+i] = zeroIf(x[e+i]*scale, half < m.Threshold)
			}
			return
		}
		y, x := y[e:e+halfWords:e+halfWords], x[e:e+halfWords:e+halfWords]
		for j, w := range words {
			y[2*j] = zeroIf(x[2*j]*scale, w&0xffff < m.Threshold)
			y[2*j+1] = zeroIf(x[2*j+1]*scale, w>>16 < m.Threshold)
		}
	}
}

// MaskCells writes the factors themselves: cells[e] = 0 or m.Scale.
func MaskCells[T Float](m Mask, cells []T) {
	fill(cells, 1)
	MaskApply(m, cells, cells)
}

// MaskBroadcast computes y = x·cells, with cells broadcast over the axes on
// which noise is 1. noise has as many axes as shape, each as long or 1. Where a
// cell is 0 the result is exactly 0, even for NaN. y may be x.
func MaskBroadcast[T Float](y, x, cells []T, shape, noise []int) {
	eachPair(shape, shape, noise, func(r pairRow) {
		y, x := y[r.y:][:r.n], x[r.a:][:r.n]
		if r.bStep == 0 {
			if k := cells[r.b]; k == 0 {
				clear(y)
			} else {
				mulScalar(y, x, k)
			}
			return
		}
		maskRow(y, x, cells[r.b:])
	})
}

func maskRow[T Float](y, x, cells []T) {
	y, cells = y[:len(x)], cells[:len(x)]
	for i, v := range x {
		y[i] = zeroIf(v*cells[i], cells[i] == 0)
	}
}
