// Package half widens numbers of 16 bits, which files have and Go has not.
package half

import (
	"math"
	"math/bits"
)

// Float16 widens an IEEE 754 binary16: 1 bit of sign, 5 of exponent
// (bias 15), 10 of fraction. Every value is exact, and a NaN keeps its payload.
func Float16(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp := uint32(h>>10) & 0x1f
	frac := uint32(h) & 0x3ff
	switch {
	case exp == 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	case exp == 0 && frac == 0:
		return math.Float32frombits(sign)
	case exp == 0:
		// frac·2^-24: a binary32 is wide enough to write it as 1.f·2^e.
		shift := uint32(bits.LeadingZeros16(uint16(frac))) - 5
		exp = 1 - shift
		frac = frac << shift & 0x3ff
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// BFloat16 widens the upper half of a binary32.
func BFloat16(h uint16) float32 {
	return math.Float32frombits(uint32(h) << 16)
}
