package kernel

import (
	"math"
	"unsafe"
)

// zeroIf returns 0 where drop holds, else v. It compiles to a conditional move
// on the bits: multiplying by 0 would keep NaN and infinity, and a branch on
// random data is mispredicted every other time.
//
// It is meant for loops outside closures, where the compiler inlines it.
func zeroIf[T Float](v T, drop bool) T {
	if unsafe.Sizeof(v) == 4 {
		b := math.Float32bits(float32(v))
		if drop {
			b = 0
		}
		return T(math.Float32frombits(b))
	}
	b := math.Float64bits(float64(v))
	if drop {
		b = 0
	}
	return T(math.Float64frombits(b))
}
