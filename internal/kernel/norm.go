package kernel

import "github.com/thinnet/thinnet/internal/kernel/vec"

// A Norm is a normalisation: what its statistics are of and what follows them.
//
// Any pair of layouts is right. Those of batch, layer, group and instance norm are
// fast.
type Norm struct {
	Of     Layout // groups of equal statistics
	Affine Layout // another view of the elements: groups of equal gamma and beta
	Eps    float64

	// Constant statistics are not those of x: x has no influence on them.
	Constant bool

	// ReLU takes the maximum of the result and 0; NaN stays NaN.
	ReLU bool
}

// canonical returns n with canonical layouts.
func (n Norm) canonical() Norm {
	n.Of, n.Affine = n.Of.canonical(), n.Affine.canonical()
	return n
}

// Normalize computes
//
//	y = (x-mean_g)/sqrt(var_g+eps)·gamma_c + beta_c
//
// stats is (2, n.Of.Groups) as [Moments] writes it. g is the element's group in
// n.Of, c its group in n.Affine; a nil gamma or beta is all 1 or all 0. y may be x.
func Normalize[T Float](n Norm, y, x, stats, gamma, beta []T) {
	n = n.canonical()
	if vec.IsFloat32[T]() && normalize32(n, vec.Float32s(y), vec.Float32s(x), vec.Float32s(stats),
		vec.Float32s(gamma), vec.Float32s(beta)) {
		return
	}
	normalizeAny(n.Of, n.Affine, y, x, stats, gamma, beta, n.Eps)
	if n.ReLU {
		ReLU(y, y)
	}
}

func normalizeAny[T Float](l, affine Layout, y, x, stats, gamma, beta []T, eps float64) {
	if gamma == nil {
		gamma = make([]T, affine.Groups)
		fill(gamma, 1)
	}
	if beta == nil {
		beta = make([]T, affine.Groups)
	}
	mean, variance := stats[:l.Groups], stats[l.Groups:]
	if l.columns() && l == affine {
		scale := columnScale(variance, gamma, eps)
		Parallel(l.Outer, rowGrain(l.Groups), func(lo, hi int) {
			first, end := lo*l.Groups, hi*l.Groups
			normalizeColumns(y[first:end], x[first:end], mean, scale, beta)
		})
		return
	}
	s := cut(l, affine)
	Parallel(len(x)/max(1, s.n), rowGrain(s.n), func(lo, hi int) {
		for e := lo * s.n; e < hi*s.n; e += s.n {
			g, c := l.group(e), affine.group(e)
			y, x := y[e:][:s.n], x[e:][:s.n]
			r := rstd(variance[g], eps)
			if s.advancing {
				normalizeRow(y, x, mean[g], T(r), gamma[c:], beta[c:])
			} else {
				normalizeConst(y, x, mean[g], T(r*float64(gamma[c])), beta[c])
			}
		}
	})
}

// columnScale returns rstd·gamma of each column.
func columnScale[T Float](variance, gamma []T, eps float64) []T {
	scale := make([]T, len(gamma))
	for g := range scale {
		scale[g] = T(rstd(variance[g], eps) * float64(gamma[g]))
	}
	return scale
}

func normalizeConst[T Float](y, x []T, mean, scale, beta T) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] = (v-mean)*scale + beta
	}
}

func normalizeRow[T Float](y, x []T, mean, rstd T, gamma, beta []T) {
	y, gamma, beta = y[:len(x)], gamma[:len(x)], beta[:len(x)]
	for i, v := range x {
		y[i] = (v-mean)*rstd*gamma[i] + beta[i]
	}
}

func normalizeColumns[T Float](y, x, mean, scale, beta []T) {
	cols := len(mean)
	scale, beta = scale[:cols], beta[:cols]
	for e := 0; e < len(x); e += cols {
		y, x := y[e:e+cols], x[e:e+cols]
		for i, v := range x {
			y[i] = (v-mean[i])*scale[i] + beta[i]
		}
	}
}
