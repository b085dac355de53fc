//go:build !amd64 || noasm

package winograd

func input(v []float32, step int, x []float32, w window, c int, _ []float32) {
	inputGo(v, step, x, &w, c)
}

func gradient(z []float32, step int, dy []float32, w window, c int, _ []float32, k int) {
	gradientGo(z, step, dy, &w, c, k)
}

func output(y []float32, w window, m []float32, step int, bias []float32, low float32, c, k int) {
	outputGo(y, &w, m, step, bias, low, c, k)
}

func filter(n int, w []float32, rowStep, next int, u []float32, nextOut, step, k int, flipped bool) {
	filterGo(lanes, n, w, rowStep, next, u, nextOut, step, k, flipped)
}

func filterGradient(n int, m []float32, next, step int, w []float32, rowStep, nextOut, k int) {
	filterGradientGo(lanes, n, m, next, step, w, rowStep, nextOut, k)
}

func add(dst, src []float32) { addGo(dst, src) }

func fetch([]float32) {}
