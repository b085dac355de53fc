package vec

import "math"

// ExpLine computes y = exp(x-shift) and returns Σ y, added up in float64 before y
// is rounded. Levels differ by a rounding.
func ExpLine[T Float](y, x []T, shift float64) float64 {
	var acc lanes64
	expLine(&acc, y, x, shift)
	return acc.total()
}

// ExpSum returns Σ exp(x-shift). Levels differ by a rounding.
func ExpSum[T Float](x []T, shift float64) float64 {
	var acc lanes64
	expSum(&acc, x, shift)
	return acc.total()
}

func expLineGo[T Float](acc *lanes64, y, x []T, shift float64) {
	x = x[:len(y)]
	var sum float64
	for i, v := range x {
		p := Exp[T](float64(v) - shift)
		sum += p
		y[i] = T(p)
	}
	acc[0] += sum
}

func expSumGo[T Float](acc *lanes64, x []T, shift float64) {
	var sum float64
	for _, v := range x {
		sum += Exp[T](float64(v) - shift)
	}
	acc[0] += sum
}

func scaleLineGo[T Float](y, x []T, a float64) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] = T(float64(v) * a)
	}
}

func shiftLineGo[T Float](y, x []T, a, b float64) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] = T(float64(v) - a - b)
	}
}

func softmaxGradLineGo[T Float](dx, y, dy []T, dot float64) {
	y, dy = y[:len(dx)], dy[:len(dx)]
	for i, p := range y {
		dx[i] = T(float64(p) * (float64(dy[i]) - dot))
	}
}

func logSoftmaxGradLineGo[T Float](dx, y, dy []T, sum float64) {
	y, dy = y[:len(dx)], dy[:len(dx)]
	for i, v := range y {
		dx[i] = T(float64(dy[i]) - Exp[T](float64(v))*sum)
	}
}

func binaryEntropyGo[T Float](y, x, t []T) {
	x, t = x[:len(y)], t[:len(y)]
	for i := range y {
		x, t := float64(x[i]), float64(t[i])
		tail := math.Log1p(Exp[T](-math.Abs(x)))
		y[i] = T(t*(max(-x, 0)+tail) + (1-t)*(max(x, 0)+tail))
	}
}

func binaryEntropyGradGo[T Float](dx, x, t, dy []T) {
	x, t, dy = x[:len(dx)], t[:len(dx)], dy[:len(dx)]
	for i := range dx {
		dx[i] = T((1/(1+Exp[T](-float64(x[i]))) - float64(t[i])) * float64(dy[i]))
	}
}
