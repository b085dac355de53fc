package kernel

import "github.com/thinnet/thinnet/internal/kernel/vec"

// SoftmaxBackward computes the gradient of [Softmax] from its output y:
// dx = y·(dy - Σ y·dy). dx may be y or dy.
func SoftmaxBackward[T Float](dx, y, dy []T, outer, n, inner int) {
	if inner == 1 {
		eachLine(outer, n, func(e int) { softmaxLineGrad(dx[e:][:n], y[e:][:n], dy[e:][:n]) })
		return
	}
	eachStrip(outer, n, inner, func(e, width int) {
		softmaxStripGrad(dx[e:], y[e:], dy[e:], n, inner, width)
	})
}

func softmaxLineGrad[T Float](dx, y, dy []T) {
	dx, dy = dx[:len(y)], dy[:len(y)]
	var d0, d1 float64
	i := 0
	for ; i+2 <= len(y); i += 2 {
		d0 += float64(y[i]) * float64(dy[i])
		d1 += float64(y[i+1]) * float64(dy[i+1])
	}
	if i < len(y) {
		d0 += float64(y[i]) * float64(dy[i])
	}
	dot := d0 + d1
	for i, p := range y {
		dx[i] = T(float64(p) * (float64(dy[i]) - dot))
	}
}

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
	if inner == 1 {
		eachLine(outer, n, func(e int) { logSoftmaxLineGrad(dx[e:][:n], y[e:][:n], dy[e:][:n]) })
		return
	}
	eachStrip(outer, n, inner, func(e, width int) {
		logSoftmaxStripGrad(dx[e:], y[e:], dy[e:], n, inner, width)
	})
}

func logSoftmaxLineGrad[T Float](dx, y, dy []T) {
	dx, dy = dx[:len(y)], dy[:len(y)]
	sum := vec.Sum(dy)
	for i, v := range y {
		dx[i] = T(float64(dy[i]) - exp[T](float64(v))*sum)
	}
}

func logSoftmaxStripGrad[T Float](dx, y, dy []T, n, inner, width int) {
	var sums [strip]float64
	sum := sums[:width]
	for j := range n {
		accumulate(sum, dy[j*inner:][:width])
	}
	for j := range n {
		dx, y, dy := dx[j*inner:][:width], y[j*inner:][:width], dy[j*inner:][:width]
		for i, v := range y {
			dx[i] = T(float64(dy[i]) - exp[T](float64(v))*sum[i])
		}
	}
}
