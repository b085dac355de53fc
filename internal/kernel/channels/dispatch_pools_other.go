//go:build !amd64 || noasm

package channels

func maxTaps(y, x []float32, offs []int, points, step, n int) {
	maxTapsGo(y, x, offs, points, step, n)
}

func sumTaps(y, x []float32, offs []int, points, step, n int, count float32) {
	sumTapsGo(y, x, offs, points, step, n, count)
}

func addTaps(dx, dy []float32, offs []int, points, step, n int, count float32) {
	addTapsGo(dx, dy, offs, points, step, n, count)
}

func setTaps(dx, dy []float32, offs []int, points, step, n int, count float32) {
	setTapsGo(dx, dy, offs, points, step, n, count)
}

func maxTapsGrad(dx, x, dy []float32, offs []int, points, step, n int) {
	maxTapsGradGo(dx, x, dy, offs, points, step, n)
}

func maxSquares(y, x []float32, points, row, n int) {
	maxSquaresGo(y, x, points, row, n)
}

func maxSquaresGrad(dx, x, dy []float32, points, row, n int) {
	maxSquaresGradGo(dx, x, dy, points, row, n)
}
