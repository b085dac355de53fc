package kernel

import "github.com/thinnet/thinnet/internal/kernel/vec"

// NormalizeBackward computes the gradient of [Normalize] with respect to x. With
// h = dy·gamma_c and xhat = (x-mean_g)/sqrt(var_g+eps), and means over a group,
//
//	dx = (h - mean_g(h) - xhat·mean_g(h·xhat))/sqrt(var_g+eps)
//
// With n.Constant, the statistics did not come from x, and
//
//	dx = h/sqrt(var_g+eps)
//
// With n.ReLU, dy counts as 0 where y ≤ 0; y is computed again from x. A nil gamma
// or beta is all 1 or all 0. dx may be x or dy.
//
// sums is what [NormalizeSums] writes. It may be nil where n.Affine is not n.Of,
// and where n.Constant is set.
func NormalizeBackward[T Float](n Norm, dx, x, stats, gamma, beta, dy, sums []T) {
	n = n.canonical()
	if vec.IsFloat32[T]() && backward32(n, vec.Float32s(dx), vec.Float32s(x), vec.Float32s(stats),
		vec.Float32s(gamma), vec.Float32s(beta), vec.Float32s(dy), vec.Float32s(sums)) {
		return
	}
	dy = behindReLU(n, x, stats, gamma, beta, dy)
	backwardAny(n.Of, n.Affine, dx, x, stats, gamma, dy, sums, n.Eps, n.Constant)
}

// behindReLU returns dy with 0 where the result of n is not positive.
func behindReLU[T Float](n Norm, x, stats, gamma, beta, dy []T) []T {
	if !n.ReLU {
		return dy
	}
	y := make([]T, len(x))
	Normalize(n, y, x, stats, gamma, beta)
	ReLUGrad(y, y, dy)
	return y
}

func backwardAny[T Float](l, affine Layout, dx, x, stats, gamma, dy, sums []T, eps float64, constant bool) {
	if gamma == nil {
		gamma = make([]T, affine.Groups)
		fill(gamma, 1)
	}
	mean, variance := stats[:l.Groups], stats[l.Groups:]
	switch {
	case constant:
		normalizeScale(dx, dy, variance, gamma, l, affine, eps)
	case l.columns() && l == affine:
		columnsBackward(dx, x, mean, variance, gamma, dy, sums, l, eps)
	default:
		groupsBackward(dx, x, mean, variance, gamma, dy, l, affine, eps)
	}
}

// normalizeScale computes dx = rstd·gamma·dy.
func normalizeScale[T Float](dx, dy, variance, gamma []T, l, affine Layout, eps float64) {
	if l.columns() && l == affine {
		scale := columnScale(variance, gamma, eps)
		Parallel(l.Outer, rowGrain(l.Groups), func(lo, hi int) {
			for e := lo * l.Groups; e < hi*l.Groups; e += l.Groups {
				binary(OpMul, dx[e:], dy[e:][:l.Groups], scale)
			}
		})
		return
	}
	s := cut(l, affine)
	Parallel(len(dy)/max(1, s.n), rowGrain(s.n), func(lo, hi int) {
		for e := lo * s.n; e < hi*s.n; e += s.n {
			c := affine.group(e)
			dx, dy := dx[e:][:s.n], dy[e:][:s.n]
			r := rstd(variance[l.group(e)], eps)
			if s.advancing {
				binary(OpMul, dx, dy, gamma[c:][:s.n])
				mulScalar(dx, dx, T(r))
			} else {
				mulScalar(dx, dy, T(r*float64(gamma[c])))
			}
		}
	})
}

// groupsBackward takes one group at a time, so that its second pass finds the
// elements in the cache.
func groupsBackward[T Float](dx, x, mean, variance, gamma, dy []T, l, affine Layout, eps float64) {
	s := cut(l, affine)
	count := float64(l.Outer * l.Inner)
	Parallel(l.Groups, rowGrain(l.Outer*l.Inner), func(lo, hi int) {
		for g := lo; g < hi; g++ {
			m, r := mean[g], rstd(variance[g], eps)
			var sum, dot float64 // of h, and of h·(x-mean)
			for row := g * l.Inner; row < len(x); row += l.Groups * l.Inner {
				for e := row; e < row+l.Inner; e += s.n {
					c := affine.group(e)
					if s.advancing {
						sh, dh := weightedSums(x[e:][:s.n], dy[e:], gamma[c:], float64(m))
						sum, dot = sum+sh, dot+dh
					} else {
						sh, dh := centredSums(x[e:][:s.n], dy[e:], float64(m))
						sum, dot = sum+sh*float64(gamma[c]), dot+dh*float64(gamma[c])
					}
				}
			}
			shift, slope := T(r*sum/count), T(r*r*r*dot/count)
			for row := g * l.Inner; row < len(x); row += l.Groups * l.Inner {
				for e := row; e < row+l.Inner; e += s.n {
					c := affine.group(e)
					if s.advancing {
						backwardRow(dx[e:], x[e:][:s.n], dy[e:], gamma[c:], m, T(r), shift, slope)
					} else {
						backwardConst(dx[e:], x[e:][:s.n], dy[e:], m, T(r*float64(gamma[c])), shift, slope)
					}
				}
			}
		}
	})
}

// backwardConst computes dx = scale·dy - shift - slope·(x-mean).
func backwardConst[T Float](dx, x, dy []T, mean, scale, shift, slope T) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	for i, v := range x {
		dx[i] = scale*dy[i] - shift - slope*(v-mean)
	}
}

// backwardRow is backwardConst with scale = rstd·gamma[i].
func backwardRow[T Float](dx, x, dy, gamma []T, mean, rstd, shift, slope T) {
	dx, dy, gamma = dx[:len(x)], dy[:len(x)], gamma[:len(x)]
	for i, v := range x {
		dx[i] = rstd*gamma[i]*dy[i] - shift - slope*(v-mean)
	}
}

func columnsBackward[T Float](dx, x, mean, variance, gamma, dy, sums []T, l Layout, eps float64) {
	cols, count := l.Groups, float64(l.Outer)
	scale := columnScale(variance, gamma, eps)
	shift, slope := make([]T, cols), make([]T, cols)
	for g := range cols {
		r := rstd(variance[g], eps)
		a := r * float64(gamma[g]) / count
		shift[g], slope[g] = T(a*float64(sums[g])), T(a*r*float64(sums[cols+g]))
	}
	Parallel(l.Outer, rowGrain(cols), func(lo, hi int) {
		first, end := lo*cols, hi*cols
		backwardColumns(dx[first:end], x[first:end], dy[first:end], mean, scale, shift, slope)
	})
}

func backwardColumns[T Float](dx, x, dy, mean, scale, shift, slope []T) {
	cols := len(mean)
	scale, shift, slope = scale[:cols], shift[:cols], slope[:cols]
	for e := 0; e < len(x); e += cols {
		dx, x, dy := dx[e:e+cols], x[e:e+cols], dy[e:e+cols]
		for i, v := range x {
			dx[i] = scale[i]*dy[i] - shift[i] - slope[i]*(v-mean[i])
		}
	}
}
