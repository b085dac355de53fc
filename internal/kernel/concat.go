package kernel

// CopyBlock writes x of shape (outer, xn, inner) into y of shape
// (outer, yn, inner): y[:, offset:offset+xn, :] = x. One call for each of its
// operands makes a concatenation.
func CopyBlock[T Float](y, x []T, outer, yn, xn, offset, inner int) {
	width := xn * inner
	Parallel(outer, rowGrain(width), func(lo, hi int) {
		for o := lo; o < hi; o++ {
			copy(y[(o*yn+offset)*inner:][:width], x[o*width:][:width])
		}
	})
}

// SliceBlock reads back what [CopyBlock] wrote: x = y[:, offset:offset+xn, :].
func SliceBlock[T Float](x, y []T, outer, yn, xn, offset, inner int) {
	width := xn * inner
	Parallel(outer, rowGrain(width), func(lo, hi int) {
		for o := lo; o < hi; o++ {
			copy(x[o*width:][:width], y[(o*yn+offset)*inner:][:width])
		}
	})
}
