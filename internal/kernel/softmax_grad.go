package kernel

import "github.com/thinnet/thinnet/internal/kernel/vec"

// SoftmaxBackward computes the gradient of [Softmax] from its output y:
// dx = y·(dy - Σ y·dy). dx may be y or dy.
func SoftmaxBackward[T Float](dx, y, dy []T, outer, n, inner int) {
	runLines(softmaxGradPass, dx, y, dy, outer, n, inner)
}

func softmaxLineGrad[T Float](dx, y, dy []T) { vec.SoftmaxGradLine(dx, y, dy, vec.Dot(y, dy)) }

func softmaxStripGrad[T Float](dx, y, dy []T, n, inner, width int) {
	var dots [strip]float64
	dot := dots[:width]
	for j := range n {
		y, dy := y[j*inner:][:width], dy[j*inner:][:width]
		for i, p := range y {
			dot[i] += float64(p) * float64(dy[i])
		}
	}
	for j := range n {
		dx, y, dy := dx[j*inner:][:width], y[j*inner:][:width], dy[j*inner:][:width]
		for i, p := range y {
			dx[i] = T(float64(p) * (float64(dy[i]) - dot[i]))
		}
	}
}

// LogSoftmaxBackward computes the gradient of [LogSoftmax] from its output y:
// dx = dy - exp(y)·Σ dy. dx may be y or dy.
func LogSoftmaxBackward[T Float](dx, y, dy []T, outer, n, inner int) {
	runLines(logSoftmaxGradPass, dx, y, dy, outer, n, inner)
}

func logSoftmaxLineGrad[T Float](dx, y, dy []T) { vec.LogSoftmaxGradLine(dx, y, dy, vec.Sum(dy)) }

func logSoftmaxStripGrad[T Float](dx, y, dy []T, n, inner, width int) {
	var sums [strip]float64
	sum := sums[:width]
	for j := range n {
		accumulate(sum, dy[j*inner:][:width])
	}
	for j := range n {
		dx, y, dy := dx[j*inner:][:width], y[j*inner:][:width], dy[j*inner:][:width]
		for i, v := range y {
			dx[i] = T(float64(dy[i]) - vec.Exp[T](float64(v))*sum[i])
		}
	}
}
