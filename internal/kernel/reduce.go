package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Sum returns the sum of x. Chunks of fixed size are summed in float64 and
// their sums added in order, so the result does not depend on the number of
// CPUs.
func Sum[T Float](x []T) T { return T(sumChunks(x, plainSum)) }

// SumSquares is [Sum] of x².
func SumSquares[T Float](x []T) float64 { return sumChunks(x, squaredSum) }

// SumAbs is [Sum] of |x|.
func SumAbs[T Float](x []T) float64 { return sumChunks(x, absSum) }

// A sumKind is what of each element is added up.
type sumKind uint8

const (
	plainSum sumKind = iota
	squaredSum
	absSum
)

func sumOf[T Float](x []T, kind sumKind) float64 {
	switch kind {
	case squaredSum:
		return vec.SumSquares(x)
	case absSum:
		return vec.SumAbs(x)
	}
	return vec.Sum(x)
}

func sumChunks[T Float](x []T, kind sumKind) float64 {
	if len(x) <= elementGrain {
		return sumOf(x, kind)
	}
	parts := borrowSums((len(x) + elementGrain - 1) / elementGrain)
	pool.Run(len(x), elementGrain, sumJob[T]{parts.values, x, kind})
	total := vec.Sum(parts.values)
	spareSums.GiveBack(parts)
	return total
}

// sums are partial sums, kept to be used again.
type sums struct{ values []float64 }

var spareSums pool.Spare[sums]

func borrowSums(n int) *sums {
	s := spareSums.Borrow()
	resize(&s.values, n)
	return s
}

type sumJob[T Float] struct {
	parts []float64
	x     []T
	kind  sumKind
}

func (j *sumJob[T]) Do(lo, hi int) { j.parts[lo/elementGrain] = sumOf(j.x[lo:hi], j.kind) }

// SumAxis sums x of shape (outer, n, inner) over its middle axis:
// y[o,i] = Σ_j x[o,j,i], accumulated in float64.
func SumAxis[T Float](y, x []T, outer, n, inner int) {
	switch {
	case outer == 1 && inner == 1:
		y[0] = Sum(x[:n])
	case inner == 1:
		pool.Run(outer, rowGrain(n), sumLinesJob[T]{y, x, 1, outer, n})
	case outer == 1:
		sumColumns(y, x, n, inner)
	default:
		strips := (inner + strip - 1) / strip
		pool.Run(outer*strips, rowGrain(n*min(strip, inner)), sumStripsJob[T]{y, x, n, inner, strips})
	}
}

// ChannelSum sums dy of shape (outer, c, inner) over its first and last axis:
// db[c] = Σ_o,i dy[o,c,i], accumulated in float64.
func ChannelSum[T Float](db, dy []T, outer, c, inner int) {
	if inner == 1 {
		SumAxis(db, dy, 1, outer, c)
		return
	}
	pool.Run(c, rowGrain(outer*inner), sumLinesJob[T]{db, dy, outer, c, inner})
}

// sumLinesJob sums lines of n neighbours: y[k] = Σ_o,i x[o,k,i].
type sumLinesJob[T Float] struct {
	y, x        []T
	outer, c, n int
}

func (j *sumLinesJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		var sum float64
		for o := range j.outer {
			sum += vec.Sum(j.x[(o*j.c+k)*j.n:][:j.n])
		}
		j.y[k] = T(sum)
	}
}

// sumColumns sums the rows of a matrix by blocks of them, whose sums it adds in
// order.
func sumColumns[T Float](y, x []T, rows, cols int) {
	block := rowBlock(rows, cols)
	blocks := max(1, (rows+block-1)/block)
	acc := borrowSums(blocks * cols)
	pool.Run(rows, block, sumColumnsJob[T]{acc.values, x, cols, block})
	total := acc.values[:cols]
	if rows == 0 {
		clear(total)
	}
	for b := 1; b < blocks; b++ {
		vec.Add(total, total, acc.values[b*cols:])
	}
	round(y, total)
	spareSums.GiveBack(acc)
}

// rowBlock is the number of rows of which one set of sums is taken. At least a
// 32nd of the rows, and 16 of them, bound what the sums take beside the matrix.
func rowBlock(rows, cols int) int { return max((rows+31)/32, 16, rowGrain(cols)) }

type sumColumnsJob[T Float] struct {
	acc         []float64
	x           []T
	cols, block int
}

func (j *sumColumnsJob[T]) Do(lo, hi int) {
	acc := j.acc[lo/j.block*j.cols:][:j.cols]
	clear(acc)
	vec.SumRows(acc, j.x[lo*j.cols:], hi-lo, j.cols)
}

// strip is the number of neighbouring columns reduced together: four cache
// lines of float32, with accumulators that fit the stack.
const strip = 64

type sumStripsJob[T Float] struct {
	y, x             []T
	n, inner, strips int
}

func (j *sumStripsJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		o, first := k/j.strips, k%j.strips*strip
		var acc [strip]float64
		sum := acc[:min(strip, j.inner-first)]
		vec.SumRows(sum, j.x[o*j.n*j.inner+first:], j.n, j.inner)
		round(j.y[o*j.inner+first:], sum)
	}
}

// sumRows calls add(acc, lo, hi) for blocks of the rows of a matrix, where acc
// holds width accumulators that start at 0, and returns the totals. The size of
// a block depends on the shape alone, and blocks are added in order.
func sumRows(rows, cols, width int, add func(acc []float64, lo, hi int)) []float64 {
	block := rowBlock(rows, cols)
	blocks := max(1, (rows+block-1)/block)
	acc := make([]float64, blocks*width)
	Parallel(rows, block, func(lo, hi int) {
		add(acc[lo/block*width:][:width], lo, hi)
	})
	total := acc[:width]
	for b := 1; b < blocks; b++ {
		accumulate(total, acc[b*width:][:width])
	}
	return total
}

func accumulate[T Float](acc []float64, x []T) {
	acc = acc[:len(x)]
	for i, v := range x {
		acc[i] += float64(v)
	}
}

func round[T Float](y []T, x []float64) {
	for i, v := range x {
		y[i] = T(v)
	}
}
