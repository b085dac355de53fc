package kernel

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// A Layout views a tensor as (Outer, Groups, Inner): element i of row o of group
// g lies at (o·Groups+g)·Inner+i. Statistics are taken per group, over Outer and
// Inner.
//
// Batch norm over (N, C, S) is {N, C, S}, and {N·S, C, 1} when channels come
// last. Layer norm over the last axes is {1, rows, M}. Group norm is
// {1, N·G, C/G·S}, instance norm {1, N·C, S}.
type Layout struct{ Outer, Groups, Inner int }

func (l Layout) size() int { return l.Outer * l.Groups * l.Inner }

// group returns the group of element e.
func (l Layout) group(e int) int { return e / l.Inner % l.Groups }

// canonical writes one group in one way, so that it is always contiguous.
func (l Layout) canonical() Layout {
	if l.Groups == 1 {
		return Layout{1, 1, l.size()}
	}
	return l
}

// columns tells whether groups are the columns of a matrix with many rows. Such
// groups are reduced side by side, the others one by one.
func (l Layout) columns() bool { return l.Inner == 1 && l.Outer > 1 }

// A span is a number of neighbouring elements with one group of the
// statistics and, unless advancing, one group of the affine map; when advancing,
// that group moves on by one with every element (layer norm).
type span struct {
	n         int
	advancing bool
}

// cut returns the longest spans that cover a tensor evenly.
func cut(l, affine Layout) span {
	if affine.Inner == 1 {
		return span{vec.GCD(l.Inner, affine.Groups), true}
	}
	return span{vec.GCD(l.Inner, affine.Inner), false}
}

// rstd returns 1/sqrt(variance+eps).
func rstd[T Float](variance T, eps float64) float64 {
	return 1 / math.Sqrt(float64(variance)+eps)
}
