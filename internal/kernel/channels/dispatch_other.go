//go:build !amd64 || noasm

package channels

func columnAffine(y, x, mean, a, b []float32, rows int, relu bool) {
	columnAffineGo(y, x, mean, a, b, rows, relu)
}

func columnGrad(dx, x, dy, mean, a, p, q, b []float32, rows int) {
	columnGradGo(dx, x, dy, mean, a, p, q, b, rows)
}

func columnSums(sum, dot, x, dy, mean, a, b []float32, rows int) {
	columnSumsGo(sum, dot, x, dy, mean, a, b, rows)
}

func columnMoments(mean, m2, x, shift []float32, rows, count int) {
	columnMomentsGo(mean, m2, x, shift, rows, count)
}

func rowAffine(y, x, mean, a, b []float32, n int, relu bool) {
	rowAffineGo(y, x, mean, a, b, n, relu)
}

func rowGrad(dx, x, dy, mean, a, p, q, b []float32, n int) {
	rowGradGo(dx, x, dy, mean, a, p, q, b, n)
}

func rowSums(sum, dot, x, dy, mean, a, b []float32, n int) {
	rowSumsGo(sum, dot, x, dy, mean, a, b, n)
}

func rowMoments(mean, m2, x []float32, n int) {
	rowMomentsGo(mean, m2, x, n)
}

func layerAffine(y, x, mean, a, gamma, beta []float32, relu bool) {
	layerAffineGo(y, x, mean, a, gamma, beta, relu)
}

func layerSums(sum, dot, x, dy, mean, a []float32) {
	layerSumsGo(sum, dot, x, dy, mean, a)
}

func layerDots(sum, dot, x, dy, gamma, mean []float32) {
	layerDotsGo(sum, dot, x, dy, gamma, mean)
}

func layerGrad(dx, x, dy, gamma, mean, a, p, q []float32) {
	layerGradGo(dx, x, dy, gamma, mean, a, p, q)
}
