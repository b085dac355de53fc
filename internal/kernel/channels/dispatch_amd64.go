//go:build amd64 && !noasm

package channels

import "github.com/thinnet/thinnet/internal/kernel/cpu"

// One function for each kernel: the level chooses. There are no function
// variables, so that no argument has to live on the heap. None is called without a
// row or a column.

func columnAffine(y, x, mean, a, b []float32, rows int, relu bool) {
	_ = y[rows*len(a)-1]
	_ = x[rows*len(a)-1]
	_ = b[len(a)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && relu:
		columnAffineReLU512(&y[0], &x[0], &mean[0], &a[0], &b[0], rows, len(a))
	case level == cpu.AVX512:
		columnAffine512(&y[0], &x[0], &mean[0], &a[0], &b[0], rows, len(a))
	case level == cpu.AVX2 && relu:
		columnAffineReLU256(&y[0], &x[0], &mean[0], &a[0], &b[0], rows, len(a))
	case level == cpu.AVX2:
		columnAffine256(&y[0], &x[0], &mean[0], &a[0], &b[0], rows, len(a))
	default:
		columnAffineGo(y, x, mean, a, b, rows, relu)
	}
}

func columnGrad(dx, x, dy, mean, a, p, q, b []float32, rows int) {
	_ = dx[rows*len(a)-1]
	_ = x[rows*len(a)-1]
	_ = dy[rows*len(a)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && b != nil:
		columnGradReLU512(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &p[0], &q[0], &b[0], rows, len(a))
	case level == cpu.AVX512:
		columnGrad512(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &p[0], &q[0], rows, len(a))
	case level == cpu.AVX2 && b != nil:
		columnGradReLU256(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &p[0], &q[0], &b[0], rows, len(a))
	case level == cpu.AVX2:
		columnGrad256(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &p[0], &q[0], rows, len(a))
	default:
		columnGradGo(dx, x, dy, mean, a, p, q, b, rows)
	}
}

func columnSums(sum, dot, x, dy, mean, a, b []float32, rows int) {
	_ = x[rows*len(mean)-1]
	_ = dy[rows*len(mean)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && a != nil:
		columnSumsReLU512(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], &a[0], &b[0], rows, len(mean))
	case level == cpu.AVX512:
		columnSums512(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], rows, len(mean))
	case level == cpu.AVX2 && a != nil:
		columnSumsReLU256(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], &a[0], &b[0], rows, len(mean))
	case level == cpu.AVX2:
		columnSums256(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], rows, len(mean))
	default:
		columnSumsGo(sum, dot, x, dy, mean, a, b, rows)
	}
}

func columnMoments(mean, m2, x, shift []float32, rows, count int) {
	_ = x[rows*len(mean)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512:
		columnMoments512(&mean[0], &m2[0], &x[0], &shift[0], rows, len(mean), count)
	case level == cpu.AVX2:
		columnMoments256(&mean[0], &m2[0], &x[0], &shift[0], rows, len(mean), count)
	default:
		columnMomentsGo(mean, m2, x, shift, rows, count)
	}
}

func rowAffine(y, x, mean, a, b []float32, n int, relu bool) {
	_ = y[n*len(a)-1]
	_ = x[n*len(a)-1]
	_ = b[len(a)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && relu:
		rowAffineReLU512(&y[0], &x[0], &mean[0], &a[0], &b[0], len(a), n)
	case level == cpu.AVX512:
		rowAffine512(&y[0], &x[0], &mean[0], &a[0], &b[0], len(a), n)
	case level == cpu.AVX2 && relu:
		rowAffineReLU256(&y[0], &x[0], &mean[0], &a[0], &b[0], len(a), n)
	case level == cpu.AVX2:
		rowAffine256(&y[0], &x[0], &mean[0], &a[0], &b[0], len(a), n)
	default:
		rowAffineGo(y, x, mean, a, b, n, relu)
	}
}

func rowGrad(dx, x, dy, mean, a, p, q, b []float32, n int) {
	_ = dx[n*len(a)-1]
	_ = x[n*len(a)-1]
	_ = dy[n*len(a)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && b != nil:
		rowGradReLU512(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &p[0], &q[0], &b[0], len(a), n)
	case level == cpu.AVX512:
		rowGrad512(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &p[0], &q[0], len(a), n)
	case level == cpu.AVX2 && b != nil:
		rowGradReLU256(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &p[0], &q[0], &b[0], len(a), n)
	case level == cpu.AVX2:
		rowGrad256(&dx[0], &x[0], &dy[0], &mean[0], &a[0], &p[0], &q[0], len(a), n)
	default:
		rowGradGo(dx, x, dy, mean, a, p, q, b, n)
	}
}

func rowSums(sum, dot, x, dy, mean, a, b []float32, n int) {
	_ = x[n*len(mean)-1]
	_ = dy[n*len(mean)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && a != nil:
		rowSumsReLU512(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], &a[0], &b[0], len(mean), n)
	case level == cpu.AVX512:
		rowSums512(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], len(mean), n)
	case level == cpu.AVX2 && a != nil:
		rowSumsReLU256(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], &a[0], &b[0], len(mean), n)
	case level == cpu.AVX2:
		rowSums256(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], len(mean), n)
	default:
		rowSumsGo(sum, dot, x, dy, mean, a, b, n)
	}
}

func rowMoments(mean, m2, x []float32, n int) {
	_ = x[n*len(mean)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512:
		rowMoments512(&mean[0], &m2[0], &x[0], len(mean), n)
	case level == cpu.AVX2:
		rowMoments256(&mean[0], &m2[0], &x[0], len(mean), n)
	default:
		rowMomentsGo(mean, m2, x, n)
	}
}

func layerAffine(y, x, mean, a, gamma, beta []float32, relu bool) {
	_ = y[len(a)*len(gamma)-1]
	_ = x[len(a)*len(gamma)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && relu:
		layerAffineReLU512(&y[0], &x[0], &mean[0], &a[0], &gamma[0], &beta[0], len(a), len(gamma))
	case level == cpu.AVX512:
		layerAffine512(&y[0], &x[0], &mean[0], &a[0], &gamma[0], &beta[0], len(a), len(gamma))
	case level == cpu.AVX2 && relu:
		layerAffineReLU256(&y[0], &x[0], &mean[0], &a[0], &gamma[0], &beta[0], len(a), len(gamma))
	case level == cpu.AVX2:
		layerAffine256(&y[0], &x[0], &mean[0], &a[0], &gamma[0], &beta[0], len(a), len(gamma))
	default:
		layerAffineGo(y, x, mean, a, gamma, beta, relu)
	}
}

func layerSums(sum, dot, x, dy, mean, a []float32) {
	_ = x[len(a)*len(sum)-1]
	_ = dy[len(a)*len(sum)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512:
		layerSums512(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], &a[0], len(a), len(sum))
	case level == cpu.AVX2:
		layerSums256(&sum[0], &dot[0], &x[0], &dy[0], &mean[0], &a[0], len(a), len(sum))
	default:
		layerSumsGo(sum, dot, x, dy, mean, a)
	}
}

func layerDots(sum, dot, x, dy, gamma, mean []float32) {
	_ = x[len(mean)*len(gamma)-1]
	_ = dy[len(mean)*len(gamma)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512:
		layerDots512(&sum[0], &dot[0], &x[0], &dy[0], &gamma[0], &mean[0], len(mean), len(gamma))
	case level == cpu.AVX2:
		layerDots256(&sum[0], &dot[0], &x[0], &dy[0], &gamma[0], &mean[0], len(mean), len(gamma))
	default:
		layerDotsGo(sum, dot, x, dy, gamma, mean)
	}
}

func layerGrad(dx, x, dy, gamma, mean, a, p, q []float32) {
	_ = dx[len(a)*len(gamma)-1]
	_ = x[len(a)*len(gamma)-1]
	_ = dy[len(a)*len(gamma)-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512:
		layerGrad512(&dx[0], &x[0], &dy[0], &gamma[0], &mean[0], &a[0], &p[0], &q[0], len(a), len(gamma))
	case level == cpu.AVX2:
		layerGrad256(&dx[0], &x[0], &dy[0], &gamma[0], &mean[0], &a[0], &p[0], &q[0], len(a), len(gamma))
	default:
		layerGradGo(dx, x, dy, gamma, mean, a, p, q)
	}
}
