package vec

import (
	"math"
	"unsafe"
)

// Float is the element types.
type Float interface{ ~float32 | ~float64 }

// chunk is the number of elements that one call of an assembly loop goes
// through: it cannot be preempted.
const chunk = 1 << 14

// IsFloat32 tells whether T is float32, or a type defined as such.
func IsFloat32[T Float]() bool { return unsafe.Sizeof(T(0)) == 4 }

// Float32s returns x, of such a type, as what it consists of.
func Float32s[T Float](x []T) []float32 {
	if !IsFloat32[T]() {
		panic("vec: not float32")
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// at returns the address of element i for an assembly loop over float32.
func at[T Float](x []T, i int) *float32 { return (*float32)(unsafe.Pointer(&x[i])) }

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
