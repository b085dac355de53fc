//go:build !amd64 || noasm

package channels

func normPool(y, x, params, factor []float32, square bool, points, row, stride, n int) {
	normPoolGo(y, x, params, factor, square, points, row, stride, n)
}

func normPoolSums(sum, dot, x, dy, params []float32, square bool, points, row, stride, n int) {
	normPoolSumsGo(sum, dot, x, dy, params, square, points, row, stride, n)
}

func normPoolGrad(dx, x, dy, params []float32, square bool, points, row, stride, n int) {
	normPoolGradGo(dx, x, dy, params, square, points, row, stride, n)
}
