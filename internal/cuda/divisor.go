package cuda

import "math/bits"

// Divisor returns what kernels divide by d with: for n below 2³¹, n/d is
//
//	n · (the low 32 bits) >> (the high 32 bits)
//
// With 2^s the first power of two from d on, the low bits are ⌈2^(31+s)/d⌉: the quotient is
// off by less than n/2^(31+s), which is too little to reach the next whole number. d is
// from 1 to 2³¹-1.
//
// Source: Granlund, Montgomery, Division by Invariant Integers using Multiplication, PLDI
// 1994.
func Divisor(d int) uint64 {
	shift := 31 + bits.Len(uint(d-1))
	return uint64(shift)<<32 | (1<<shift+uint64(d)-1)/uint64(d)
}
