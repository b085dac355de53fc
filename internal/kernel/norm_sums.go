package kernel

import "github.com/thinnet/thinnet/internal/kernel/vec"

// NormalizeSums computes the gradients of [Normalize] with respect to beta and
// gamma: sums is (2, n.Affine.Groups), first Σ dy, then Σ dy·xhat, over the
// elements of each group of n.Affine. With n.ReLU, dy counts as 0 where y ≤ 0;
// only then gamma and beta make a difference.
func NormalizeSums[T Float](n Norm, sums, x, stats, gamma, beta, dy []T) {
	n = n.canonical()
	if vec.IsFloat32[T]() && sums32(n, vec.Float32s(sums), vec.Float32s(x), vec.Float32s(stats),
		vec.Float32s(gamma), vec.Float32s(beta), vec.Float32s(dy)) {
		return
	}
	dy = behindReLU(n, x, stats, gamma, beta, dy)
	sumsAny(n.Of, n.Affine, sums, x, stats, dy, n.Eps)
}

func sumsAny[T Float](l, affine Layout, sums, x, stats, dy []T, eps float64) {
	mean, variance := stats[:l.Groups], stats[l.Groups:]
	dbeta, dgamma := sums[:affine.Groups], sums[affine.Groups:]
	switch {
	case affine.columns() && l == affine:
		total := columnSums(x, mean, dy, l)
		for c := range dbeta {
			dbeta[c] = T(total[c])
			dgamma[c] = T(total[len(dbeta)+c] * rstd(variance[c], eps))
		}
	case affine.columns():
		rowsSums(dbeta, dgamma, x, mean, variance, dy, l, affine, eps)
	default:
		groupsSums(dbeta, dgamma, x, mean, variance, dy, l, affine, eps)
	}
}

// columnSums returns Σ dy and Σ dy·(x-mean) of each column of l.
func columnSums[T Float](x, mean, dy []T, l Layout) []float64 {
	cols := l.Groups
	return sumRows(l.Outer, cols, 2*cols, func(acc []float64, lo, hi int) {
		sum, dot := acc[:cols], acc[cols:][:cols]
		mean := mean[:cols]
		for e := lo * cols; e < hi*cols; e += cols {
			x, dy := x[e:][:cols], dy[e:][:cols]
			for i := range sum {
				d := float64(dy[i])
				sum[i] += d
				dot[i] += d * (float64(x[i]) - float64(mean[i]))
			}
		}
	})
}

// rowsSums serves an affine map over columns whose statistics are not those of
// the columns: layer norm.
func rowsSums[T Float](dbeta, dgamma, x, mean, variance, dy []T, l, affine Layout, eps float64) {
	cols := affine.Groups
	s := cut(l, affine)
	total := sumRows(affine.Outer, cols, 2*cols, func(acc []float64, lo, hi int) {
		for e := lo * cols; e < hi*cols; e += s.n {
			g, c := l.group(e), e%cols
			addRow(acc[c:cols], acc[cols+c:], x[e:][:s.n], dy[e:], float64(mean[g]), rstd(variance[g], eps))
		}
	})
	round(dbeta, total[:cols])
	round(dgamma, total[cols:])
}

func addRow[T Float](sum, dot []float64, x, dy []T, mean, rstd float64) {
	sum, dot, dy = sum[:len(x)], dot[:len(x)], dy[:len(x)]
	for i, v := range x {
		d := float64(dy[i])
		sum[i] += d
		dot[i] += d * ((float64(v) - mean) * rstd)
	}
}

func groupsSums[T Float](dbeta, dgamma, x, mean, variance, dy []T, l, affine Layout, eps float64) {
	n := vec.GCD(l.Inner, affine.Inner)
	Parallel(affine.Groups, rowGrain(affine.Outer*affine.Inner), func(lo, hi int) {
		for c := lo; c < hi; c++ {
			var sum, dot float64
			for row := c * affine.Inner; row < len(x); row += affine.Groups * affine.Inner {
				for e := row; e < row+affine.Inner; e += n {
					g := l.group(e)
					s, d := centredSums(x[e:][:n], dy[e:], float64(mean[g]))
					sum += s
					dot += d * rstd(variance[g], eps)
				}
			}
			dbeta[c], dgamma[c] = T(sum), T(dot)
		}
	})
}

// centredSums returns Σ dy and Σ dy·(x-mean).
func centredSums[T Float](x, dy []T, mean float64) (sum, dot float64) {
	var s0, s1, d0, d1 float64
	dy = dy[:len(x)]
	i := 0
	for ; i+2 <= len(x); i += 2 {
		a, b := float64(dy[i]), float64(dy[i+1])
		s0 += a
		s1 += b
		d0 += a * (float64(x[i]) - mean)
		d1 += b * (float64(x[i+1]) - mean)
	}
	if i < len(x) {
		a := float64(dy[i])
		s0 += a
		d0 += a * (float64(x[i]) - mean)
	}
	return s0 + s1, d0 + d1
}

// weightedSums returns Σ h and Σ h·(x-mean) for h = dy·gamma.
func weightedSums[T Float](x, dy, gamma []T, mean float64) (sum, dot float64) {
	var s0, s1, d0, d1 float64
	dy, gamma = dy[:len(x)], gamma[:len(x)]
	i := 0
	for ; i+2 <= len(x); i += 2 {
		a, b := float64(dy[i])*float64(gamma[i]), float64(dy[i+1])*float64(gamma[i+1])
		s0 += a
		s1 += b
		d0 += a * (float64(x[i]) - mean)
		d1 += b * (float64(x[i+1]) - mean)
	}
	if i < len(x) {
		a := float64(dy[i]) * float64(gamma[i])
		s0 += a
		d0 += a * (float64(x[i]) - mean)
	}
	return s0 + s1, d0 + d1
}
