package vec

import "math"

// The accumulators of two vectors: a loop adds to its lanes, and their sum is
// taken in a fixed order.
type (
	lanes64 [16]float64
	lanes32 [32]float32
)

func (l *lanes64) total() float64 {
	var s [4]float64
	for i, v := range l {
		s[i%4] += v
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// Sum returns Σ x, added up in float64. Levels differ in the order.
func Sum[T Float](x []T) float64 {
	var acc lanes64
	sum(&acc, x)
	return acc.total()
}

// SumSquares returns Σ x² in float64, which neither overflows nor drifts. Levels
// differ in the order.
func SumSquares[T Float](x []T) float64 {
	var acc lanes64
	sumSquares(&acc, x)
	return acc.total()
}

// SumAbs returns Σ |x|, added up in float64. Levels differ in the order.
func SumAbs[T Float](x []T) float64 {
	var acc lanes64
	sumAbs(&acc, x)
	return acc.total()
}

// Dot returns Σ a·b, added up in float64. Levels differ in the order.
func Dot[T Float](a, b []T) float64 {
	var acc lanes64
	dot(&acc, a, b)
	return acc.total()
}

// Max returns the largest x, -Inf if there is none. NaN counts for nothing.
func Max[T Float](x []T) float64 {
	if !IsFloat32[T]() {
		return maxGo(x)
	}
	var acc lanes32
	for i := range acc {
		acc[i] = float32(math.Inf(-1))
	}
	maximum(&acc, x)
	return maxGo(acc[:])
}

func maxGo[T Float](x []T) float64 {
	m := T(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return float64(m)
}

// Several interleaved sums are faster and more accurate than one.

func sumGo[T Float](acc *lanes64, x []T) {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		v := x[i : i+4 : i+4]
		s0 += float64(v[0])
		s1 += float64(v[1])
		s2 += float64(v[2])
		s3 += float64(v[3])
	}
	for ; i < len(x); i++ {
		s0 += float64(x[i])
	}
	acc[0] += s0
	acc[1] += s1
	acc[2] += s2
	acc[3] += s3
}

func sumAbsGo[T Float](acc *lanes64, x []T) {
	var sum float64
	for _, v := range x {
		sum += math.Abs(float64(v))
	}
	acc[0] += sum
}

func sumSquaresGo[T Float](acc *lanes64, x []T) { dotGo(acc, x, x) }

func dotGo[T Float](acc *lanes64, a, b []T) {
	b = b[:len(a)]
	var s0, s1 float64
	i := 0
	for ; i+2 <= len(a); i += 2 {
		s0 += float64(a[i]) * float64(b[i])
		s1 += float64(a[i+1]) * float64(b[i+1])
	}
	if i < len(a) {
		s0 += float64(a[i]) * float64(b[i])
	}
	acc[0] += s0
	acc[1] += s1
}

func maximumGo[T Float](acc *lanes32, x []T) { acc[0] = max(acc[0], float32(maxGo(x))) }
