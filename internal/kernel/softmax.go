package kernel

import "math"

// Softmax computes, along the middle axis of x of shape (outer, n, inner),
//
//	y = exp(x-max)/Σ exp(x-max)
//
// A line that is all -Inf, or holds +Inf or NaN, gives NaN, as in PyTorch. y may
// be x.
func Softmax[T Float](y, x []T, outer, n, inner int) {
	if inner == 1 {
		eachLine(outer, n, func(e int) { softmaxLine(y[e:][:n], x[e:][:n]) })
		return
	}
	eachStrip(outer, n, inner, func(e, width int) { softmaxStrip(y[e:], x[e:], n, inner, width) })
}

func softmaxLine[T Float](y, x []T) {
	shift, sum := lineMax(x), 0.0
	y = y[:len(x)]
	for i, v := range x {
		p := exp[T](float64(v) - shift)
		sum += p
		y[i] = T(p)
	}
	scale := 1 / sum
	for i, p := range y {
		y[i] = T(float64(p) * scale)
	}
}

func softmaxStrip[T Float](y, x []T, n, inner, width int) {
	var shifts, sums [strip]float64
	shift, sum := shifts[:width], sums[:width]
	stripMax(shift, x, n, inner)
	for j := range n {
		y, x := y[j*inner:][:width], x[j*inner:][:width]
		for i, v := range x {
			p := exp[T](float64(v) - shift[i])
			sum[i] += p
			y[i] = T(p)
		}
	}
	for i := range sum {
		sum[i] = 1 / sum[i]
	}
	for j := range n {
		y := y[j*inner:][:width]
		for i, p := range y {
			y[i] = T(float64(p) * sum[i])
		}
	}
}

// LogSoftmax computes the logarithm of [Softmax] without the loss of going
// through it: y = x - max - log Σ exp(x-max). y may be x.
func LogSoftmax[T Float](y, x []T, outer, n, inner int) {
	if inner == 1 {
		eachLine(outer, n, func(e int) { logSoftmaxLine(y[e:][:n], x[e:][:n]) })
		return
	}
	eachStrip(outer, n, inner, func(e, width int) { logSoftmaxStrip(y[e:], x[e:], n, inner, width) })
}

func logSoftmaxLine[T Float](y, x []T) {
	shift, sum := lineMax(x), 0.0
	for _, v := range x {
		sum += exp[T](float64(v) - shift)
	}
	sum = math.Log(sum)
	y = y[:len(x)]
	for i, v := range x {
		y[i] = T(float64(v) - shift - sum)
	}
}

func logSoftmaxStrip[T Float](y, x []T, n, inner, width int) {
	var shifts, sums [strip]float64
	shift, sum := shifts[:width], sums[:width]
	stripMax(shift, x, n, inner)
	for j := range n {
		for i, v := range x[j*inner:][:width] {
			sum[i] += exp[T](float64(v) - shift[i])
		}
	}
	for i := range sum {
		sum[i] = math.Log(sum[i])
	}
	for j := range n {
		y, x := y[j*inner:][:width], x[j*inner:][:width]
		for i, v := range x {
			y[i] = T(float64(v) - shift[i] - sum[i])
		}
	}
}

// eachLine calls f, in parallel, with the start of each line of n neighbours.
func eachLine(lines, n int, f func(e int)) {
	Parallel(lines, rowGrain(n), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			f(k * n)
		}
	})
}

// eachStrip calls f, in parallel, with the start and the width, at most strip,
// of bundles of neighbouring lines along the middle axis.
func eachStrip(outer, n, inner int, f func(e, width int)) {
	strips := (inner + strip - 1) / strip
	Parallel(outer*strips, rowGrain(n*min(strip, inner)), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			first := k % strips * strip
			f(k/strips*n*inner+first, min(strip, inner-first))
		}
	})
}

func lineMax[T Float](x []T) float64 {
	m := T(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return float64(m)
}

func stripMax[T Float](shift []float64, x []T, n, inner int) {
	fill(shift, math.Inf(-1))
	for j := range n {
		for i, v := range x[j*inner:][:len(shift)] {
			shift[i] = max(shift[i], float64(v))
		}
	}
}
