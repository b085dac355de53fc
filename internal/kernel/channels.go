package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// ToLast brings the channels of x of shape (n, c, s) to the end:
// y[n,s,c] = x[n,c,s]. y may not be x.
func ToLast[T Float](y, x []T, n, c, s int) { transposeEach(y, x, n, c, s) }

// ToFirst brings the channels of x of shape (n, s, c) to the front:
// y[n,c,s] = x[n,s,c]. y may not be x.
func ToFirst[T Float](y, x []T, n, c, s int) { transposeEach(y, x, n, s, c) }

// transposeEach transposes each of n matrices of rows by cols. A job is some
// columns of x, which are whole rows of y and, in a row of x, whole cache lines
// where the matrix starts on one.
func transposeEach[T Float](y, x []T, n, rows, cols int) {
	if rows <= 1 || cols <= 1 {
		Copy(y[:n*rows*cols], x)
		return
	}
	width := min(cols, max(16, elementGrain/max(1, rows)&^15))
	blocks := (cols + width - 1) / width
	pool.Run(n*blocks, rowGrain(rows*width), transposeJob[T]{y, x, rows, cols, width, blocks})
}

type transposeJob[T Float] struct {
	y, x                      []T
	rows, cols, width, blocks int
}

func (j *transposeJob[T]) Do(lo, hi int) {
	for k := lo; k < hi; k++ {
		first := k / j.blocks * j.rows * j.cols
		col := k % j.blocks * j.width
		vec.Transpose(j.y[first+col*j.rows:], j.x[first+col:], j.rows, min(j.width, j.cols-col), j.rows, j.cols)
	}
}

// Copy copies x to y, which is as long.
func Copy[T Float](y, x []T) { pool.Run(len(y), elementGrain, copyJob[T]{y, x}) }

type copyJob[T Float] struct{ y, x []T }

func (j *copyJob[T]) Do(lo, hi int) { copy(j.y[lo:hi], j.x[lo:hi]) }
