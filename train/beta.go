package train

import (
	"math"
	"math/rand/v2"
)

// beta draws from Beta(a, a), a > 0: for small a by Jöhnk's method, in logarithms where
// powers vanish, and for large a as a share of two gamma variates.
func beta(r *rand.Rand, a float64) float64 {
	a = min(max(a, 1e-300), 1e300) // beyond, what is below overflows
	if a > 1 {
		x, y := gamma(r, a), gamma(r, a)
		return x / (x + y)
	}
	for {
		lx, ly := math.Log(1-r.Float64())/a, math.Log(1-r.Float64())/a
		if math.Exp(lx)+math.Exp(ly) <= 1 {
			return 1 / (1 + math.Exp(ly-lx))
		}
	}
}

// gamma draws from Gamma(a, 1), a ≥ 1, by the method of Marsaglia and Tsang.
func gamma(r *rand.Rand, a float64) float64 {
	d := a - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		v *= v * v
		if v > 0 && math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
