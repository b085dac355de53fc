package kernel

// Sum returns the sum of x. Chunks of fixed size are summed in float64 and
// their sums added in order, so the result does not depend on the number of
// CPUs.
func Sum[T Float](x []T) T {
	if len(x) <= elementGrain {
		return T(rowSum(x))
	}
	parts := make([]float64, (len(x)+elementGrain-1)/elementGrain)
	Parallel(len(x), elementGrain, func(lo, hi int) {
		parts[lo/elementGrain] = rowSum(x[lo:hi])
	})
	return T(rowSum(parts))
}

// SumAxis sums x of shape (outer, n, inner) over its middle axis:
// y[o,i] = Σ_j x[o,j,i], accumulated in float64.
func SumAxis[T Float](y, x []T, outer, n, inner int) {
	switch {
	case outer == 1 && inner == 1:
		y[0] = Sum(x[:n])
	case inner == 1:
		Parallel(outer, rowGrain(n), func(lo, hi int) {
			for o := lo; o < hi; o++ {
				y[o] = T(rowSum(x[o*n:][:n]))
			}
		})
	case outer == 1:
		round(y, sumRows(n, inner, inner, func(acc []float64, lo, hi int) {
			for j := lo; j < hi; j++ {
				accumulate(acc, x[j*inner:][:inner])
			}
		}))
	default:
		sumStrips(y, x, outer, n, inner)
	}
}

// ChannelSum sums dy of shape (outer, c, inner) over its first and last axis:
// db[c] = Σ_o,i dy[o,c,i], accumulated in float64.
func ChannelSum[T Float](db, dy []T, outer, c, inner int) {
	if inner == 1 {
		SumAxis(db, dy, 1, outer, c)
		return
	}
	Parallel(c, rowGrain(outer*inner), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			var sum float64
			for o := range outer {
				sum += rowSum(dy[(o*c+k)*inner:][:inner])
			}
			db[k] = T(sum)
		}
	})
}

// strip is the number of neighbouring columns reduced together: four cache
// lines of float32, with accumulators that fit the stack.
const strip = 64

func sumStrips[T Float](y, x []T, outer, n, inner int) {
	strips := (inner + strip - 1) / strip
	Parallel(outer*strips, rowGrain(n*min(strip, inner)), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			o, first := k/strips, k%strips*strip
			width := min(strip, inner-first)
			var acc [strip]float64
			for j := range n {
				accumulate(acc[:width], x[(o*n+j)*inner+first:][:width])
			}
			round(y[o*inner+first:][:width], acc[:width])
		}
	})
}

// sumRows calls add(acc, lo, hi) for blocks of the rows of a matrix, where acc
// holds width accumulators that start at 0, and returns the totals. The size of
// a block depends on the shape alone, and blocks are added in order.
func sumRows(rows, cols, width int, add func(acc []float64, lo, hi int)) []float64 {
	// At least a 32nd of the rows, and 16 of them, bound what the accumulators
	// take beside the matrix itself.
	block := max((rows+31)/32, 16, rowGrain(cols))
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

// rowSum adds in four interleaved sums, which is faster and more accurate than
// one.
func rowSum[T Float](x []T) float64 {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		v := x[i : i+4 : i+4]
		s0 += float64(v[0])
		s1 += float64(v[1])
		s2 += float64(v[2])
		s3 += float64(v[3])
	}
	for ; i < len(x); i++ {
		s0 += float64(x[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func round[T Float](y []T, x []float64) {
	for i, v := range x {
		y[i] = T(v)
	}
}
