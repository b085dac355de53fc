package kernel

import "github.com/thinnet/thinnet/internal/kernel/pool"

// CopyBlock writes x of shape (outer, xn, inner) into y of shape
// (outer, yn, inner): y[:, offset:offset+xn, :] = x. One call for each of its
// operands makes a concatenation.
func CopyBlock[T Float](y, x []T, outer, yn, xn, offset, inner int) {
	width := xn * inner
	if width > 0 {
		pool.Run(outer, rowGrain(width), blockJob[T]{y[min(len(y), offset*inner):], x, yn * inner, width, width})
	}
}

// SliceBlock reads back what [CopyBlock] wrote: x = y[:, offset:offset+xn, :].
func SliceBlock[T Float](x, y []T, outer, yn, xn, offset, inner int) {
	width := xn * inner
	if width > 0 {
		pool.Run(outer, rowGrain(width), blockJob[T]{x, y[min(len(y), offset*inner):], width, yn * inner, width})
	}
}

// blockJob copies rows of width elements, which are to and from apart.
type blockJob[T Float] struct {
	y, x            []T
	to, from, width int
}

func (j *blockJob[T]) Do(lo, hi int) {
	for o := lo; o < hi; o++ {
		copy(j.y[o*j.to:][:j.width], j.x[o*j.from:][:j.width])
	}
}
