package kernel

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// Embed computes y[i] = table[index[i]], for rows of dim numbers.
func Embed[T Float](y, table []T, index []int, dim int) {
	pool.Run(len(index), rowGrain(dim), embedJob[T]{y, table, index, dim})
}

type embedJob[T Float] struct {
	y, table []T
	index    []int
	dim      int
}

func (j *embedJob[T]) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		copy(j.y[i*j.dim:][:j.dim], j.table[j.index[i]*j.dim:])
	}
}

// EmbedGrad computes the gradient of the table of [Embed]: row k is the sum of dy[i]
// over all i with index k, in their order, and 0 for k = skip. Cores share the rows,
// which stay in their caches: sharing the columns is slower even where a few words have
// most of the sums.
func EmbedGrad[T Float](d, dy []T, index []int, dim, skip int) {
	const chunks = 16 // each reads all indices, and adds up the rows that are its own
	rows := len(d) / dim
	pool.Run(rows, (rows+chunks-1)/chunks, embedGradJob[T]{d, dy, index, dim, skip})
}

type embedGradJob[T Float] struct {
	d, dy     []T
	index     []int
	dim, skip int
}

func (j *embedGradJob[T]) Do(lo, hi int) {
	clear(j.d[lo*j.dim : hi*j.dim])
	for i, k := range j.index {
		if k >= lo && k < hi && k != j.skip {
			row := j.d[k*j.dim:][:j.dim]
			vec.Add(row, row, j.dy[i*j.dim:])
		}
	}
}
