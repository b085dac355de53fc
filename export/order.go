package export

import (
	"math/bits"
	"slices"
)

// maxDims bounds the number of axes. NumPy and PyTorch allow 64; a longer
// shape only serves to make a small header take much memory.
const maxDims = 64

// count returns the number of elements of a shape and of bytes in them. It is
// not ok if the bytes do not fit an int.
func count(shape []int, size int) (n, bytes int, ok bool) {
	if slices.Contains(shape, 0) {
		return 0, 0, true
	}
	total := uint64(size)
	for _, d := range shape {
		hi, lo := bits.Mul64(total, uint64(d))
		if hi != 0 || lo > uint64(^uint(0)>>1) {
			return 0, 0, false
		}
		total = lo
	}
	return int(total) / size, int(total), true
}

// cStrides returns the strides, in elements, of row-major order.
func cStrides(shape []int) []int {
	strides := make([]int, len(shape))
	for i, step := len(shape)-1, 1; i >= 0; i-- {
		strides[i] = step
		step *= shape[i]
	}
	return strides
}

// fortranStrides returns those of column-major order.
func fortranStrides(shape []int) []int {
	strides := make([]int, len(shape))
	for i, step := 0, 1; i < len(shape); i++ {
		strides[i] = step
		step *= shape[i]
	}
	return strides
}

// rowMajor returns the elements of an array in row-major order: data itself
// if it has that order, else a copy. The shape has at least one element.
func rowMajor[T any](data []T, shape, strides []int) []T {
	n := 1
	for _, d := range shape {
		n *= d
	}
	if slices.Equal(strides, cStrides(shape)) {
		return data[:n]
	}
	out := make([]T, n)
	at := make([]int, len(shape)) // the index of out[i]
	from := 0                     // its place in data
	for i := range out {
		out[i] = data[from]
		for axis := len(shape) - 1; axis >= 0; axis-- {
			at[axis]++
			from += strides[axis]
			if at[axis] < shape[axis] {
				break
			}
			from -= at[axis] * strides[axis]
			at[axis] = 0
		}
	}
	return out
}
