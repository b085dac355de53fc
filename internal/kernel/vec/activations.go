package vec

import "math"

// The Go versions of the activations. Each is computed in float64 and rounded.

func mapGo[T Float](y, x []T, f func(float64) float64) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] = T(f(float64(v)))
	}
}

// slopeGo computes dx = f(x)·dy.
func slopeGo[T Float](dx, x, dy []T, f func(float64) float64) {
	x, dy = x[:len(dx)], dy[:len(dx)]
	for i, v := range x {
		dx[i] = T(float64(dy[i]) * f(float64(v)))
	}
}

// logistic may take exp to +Inf, and is then 0 as it should be.
func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func sigmoidGo[T Float](y, x []T) { mapGo(y, x, logistic) }

func sigmoidGradGo[T Float](dx, y, dy []T) {
	slopeGo(dx, y, dy, func(y float64) float64 { return y * (1 - y) })
}

func tanhGo[T Float](y, x []T) { mapGo(y, x, math.Tanh) }

func tanhGradGo[T Float](dx, y, dy []T) {
	slopeGo(dx, y, dy, func(y float64) float64 { return 1 - y*y })
}

func siluGo[T Float](y, x []T) { mapGo(y, x, func(x float64) float64 { return x * logistic(x) }) }

func siluGradGo[T Float](dx, x, dy []T) {
	slopeGo(dx, x, dy, func(x float64) float64 {
		p := logistic(x)
		return p * (1 + x*(1-p))
	})
}

// phi is the distribution function of the normal distribution. Erfc keeps its
// digits far below 0, where 1 + erf cancels.
func phi(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func geluGo[T Float](y, x []T) { mapGo(y, x, func(x float64) float64 { return x * phi(x) }) }

func geluGradGo[T Float](dx, x, dy []T) {
	slopeGo(dx, x, dy, func(x float64) float64 {
		return phi(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
	})
}

// GeluTanh takes sigmoid(2u) for (1+tanh(u))/2, which cancels. geluSlope is 2·√(2/π).
const geluCubic = 0.044715

var geluSlope = 2 * math.Sqrt(2/math.Pi)

func geluTanhGo[T Float](y, x []T) {
	mapGo(y, x, func(x float64) float64 { return x * logistic(geluSlope*(x+geluCubic*x*x*x)) })
}

func geluTanhGradGo[T Float](dx, x, dy []T) {
	slopeGo(dx, x, dy, func(x float64) float64 {
		p := logistic(geluSlope * (x + geluCubic*x*x*x))
		return p + x*p*(1-p)*geluSlope*(1+3*geluCubic*x*x)
	})
}

func eluGo[T Float](y, x []T, a, b float64) {
	mapGo(y, x, func(x float64) float64 {
		if x > 0 {
			return a * x
		}
		return b * math.Expm1(x)
	})
}

func eluGradGo[T Float](dx, x, dy []T, a, b float64) {
	slopeGo(dx, x, dy, func(x float64) float64 {
		if x > 0 {
			return a
		}
		return b * math.Exp(x)
	})
}

func softplusGo[T Float](y, x []T, beta, threshold float64) {
	mapGo(y, x, func(x float64) float64 {
		z := beta * x
		if z > threshold {
			return x
		}
		// Without a threshold to guard it, exp(z) would overflow.
		return (math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))) / beta
	})
}

func softplusGradGo[T Float](dx, x, dy []T, beta, threshold float64) {
	slopeGo(dx, x, dy, func(x float64) float64 {
		z := beta * x
		if z > threshold {
			return 1
		}
		return logistic(z)
	})
}
