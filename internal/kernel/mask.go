package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
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

const dropAll = 1 << 16

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
	if !m.trivial() {
		pool.Run(len(x), elementGrain, maskJob[T]{m.draws(), T(m.Scale), y, x})
		return
	}
	applyTrivial(m, y, x)
}

// trivial tells whether m drops all or nothing: then there is nothing to draw.
func (m Mask) trivial() bool { return m.Threshold == 0 || m.Threshold == dropAll }

func applyTrivial[T Float](m Mask, y, x []T) {
	if m.Threshold == 0 {
		Copy(y, x)
		return
	}
	clear(y)
}

func (m Mask) draws() vec.Draws {
	return vec.Draws{Key: m.Key, Step: m.Step, Threshold: m.Threshold}
}

type maskJob[T Float] struct {
	draws vec.Draws
	scale T
	y, x  []T
}

func (j *maskJob[T]) Do(lo, hi int) {
	vec.MaskApply(&j.draws, j.y[lo:hi], j.x[lo:hi], uint64(lo/vec.HalfWords), j.scale)
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
	runPairs(pairMask, y, x, cells, shape, shape, noise)
}
