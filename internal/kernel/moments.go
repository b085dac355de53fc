package kernel

import "github.com/thinnet/thinnet/internal/kernel/vec"

// Moments computes the mean and the biased variance of each group of x:
// stats is (2, Groups), means first. The variance is that of a second pass
// around the mean in float64, so a large mean does not cancel it. Groups must
// not be empty.
func Moments[T Float](stats, x []T, l Layout) {
	l = l.canonical()
	if vec.IsFloat32[T]() {
		moments32(vec.Float32s(stats), vec.Float32s(x), l)
		return
	}
	mean, variance := stats[:l.Groups], stats[l.Groups:][:l.Groups]
	if l.columns() {
		columnMoments(mean, variance, x, l)
		return
	}
	count := float64(l.Outer * l.Inner)
	step := l.Groups * l.Inner
	Parallel(l.Groups, rowGrain(l.Outer*l.Inner), func(lo, hi int) {
		for g := lo; g < hi; g++ {
			var sum, squares float64
			for e := g * l.Inner; e < len(x); e += step {
				sum += vec.Sum(x[e:][:l.Inner])
			}
			m := sum / count
			for e := g * l.Inner; e < len(x); e += step {
				squares += squaredDeviations(x[e:][:l.Inner], m)
			}
			mean[g], variance[g] = T(m), T(squares/count)
		}
	})
}

func columnMoments[T Float](mean, variance, x []T, l Layout) {
	cols, count := l.Groups, float64(l.Outer)
	m := sumRows(l.Outer, cols, cols, func(acc []float64, lo, hi int) {
		for o := lo; o < hi; o++ {
			accumulate(acc, x[o*cols:][:cols])
		}
	})
	for g := range m {
		m[g] /= count
	}
	squares := sumRows(l.Outer, cols, cols, func(acc []float64, lo, hi int) {
		m := m[:len(acc)]
		for o := lo; o < hi; o++ {
			for g, v := range x[o*cols:][:len(acc)] {
				d := float64(v) - m[g]
				acc[g] += d * d
			}
		}
	})
	for g := range m {
		mean[g], variance[g] = T(m[g]), T(squares[g]/count)
	}
}

func squaredDeviations[T Float](x []T, mean float64) float64 {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		v := x[i : i+4 : i+4]
		d0, d1, d2, d3 := float64(v[0])-mean, float64(v[1])-mean, float64(v[2])-mean, float64(v[3])-mean
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; i < len(x); i++ {
		d := float64(x[i]) - mean
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}
