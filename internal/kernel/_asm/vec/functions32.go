package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The functions below are those of functions.go in lanes of float32, for the cells of
// recurrent layers, which round their results again at every step: they are off by a
// few units in the last place, and take half the time.

// fma32 is a·b + c; c may lie in memory. It overwrites a.
func (l level) fma32(c Op, b, a Register) Register {
	if _, inMemory := c.(Mem); inMemory && l.wide() {
		VFMADD213PS_BCST(c, b, a)
	} else {
		VFMADD213PS(c, b, a)
	}
	return a
}

// constant32 is c in all lanes, to be broadcast where that can be had.
func (l level) constant32(c float64) Mem {
	bits := math.Float32bits(float32(c))
	if l.wide() {
		return constant(fmt.Sprintf("float_%08x", bits), 4, func() { DATA(0, U32(bits)) })
	}
	return constant(fmt.Sprintf("eight_%08x", bits), 32, func() {
		for i := range 8 {
			DATA(4*i, U32(bits))
		}
	})
}

// all32 is c in all lanes of a register, or of memory where registers are few.
func (l level) all32(c float64) Op {
	if l.wide() {
		return l.op(broadcastSS, l.constant32(c))
	}
	return l.constant32(c)
}

// parts32 returns 2^k and e^r-1 for x = k·ln 2 + r with k whole and |r| ≤ ln(2)/2. By
// the Taylor polynomial of degree 7, the latter is off by 5e-9 at most. x lies within
// ±87, so that 2^k is a number.
func (l level) parts32() func(x Register) (power, q Register) {
	log2e := l.all32(math.Log2E)
	// ln 2 in two pieces, the first of which is exact times a small whole number.
	const high = 0.693359375
	ln2, rest := l.all32(high), l.all32(math.Ln2-high)
	taylor := []Mem{}
	for _, c := range []float64{1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2} {
		taylor = append(taylor, l.constant32(c))
	}
	one := l.all32(1)
	return func(x Register) (power, q Register) {
		k := l.mul(f32, log2e, x)
		if l.wide() {
			VRNDSCALEPS(U8(0), k, k)
		} else {
			VROUNDPS(U8(0), k, k)
		}
		r := l.copyOf(x)
		VFNMADD231PS(ln2, k, r)
		VFNMADD231PS(rest, k, r)
		p := l.vec()
		if l.wide() {
			VBROADCASTSS(taylor[0], p)
		} else {
			VMOVUPS(taylor[0], p)
		}
		for _, c := range taylor[1:] {
			l.fma32(c, r, p)
		}
		q = l.fma32(r, l.mul(f32, r, r), p)
		if l.wide() {
			return l.op(func(o ...Op) { VSCALEFPS(o...) }, k, one), q
		}
		whole := l.vec()
		VCVTPS2DQ(k, whole)
		VPSLLD(U8(23), whole, whole) // into the exponent
		return l.op(func(o ...Op) { VPADDD(o[0], o[1], o[2]) }, one, whole), q
	}
}

// sigmoid32 is 1/(1+e^-x).
func (l level) sigmoid32() func(x Register) Register {
	parts, one, zero := l.parts32(), l.all32(1), l.zero()
	low, high := l.all32(-87), l.all32(87)
	return func(x Register) Register {
		x = l.sub(f32, x, zero)
		x = l.min(f32, l.max(f32, x, l.reg(low)), l.reg(high)) // NaN stays
		power, q := parts(x)
		e := l.fma32(power, power, q) // 2^k·q + 2^k
		return l.div(f32, l.add(f32, one, e), l.reg(one))
	}
}

// tanh32 is, with e = exp(-2|x|)-1, -e/(e+2) with the sign of x.
func (l level) tanh32() func(x Register) Register {
	parts, low := l.parts32(), l.all32(-40)
	sign, two, minusTwo, one := l.all32(math.Copysign(0, -1)), l.all32(2), l.all32(-2), l.all32(1)
	return func(x Register) Register {
		x2 := l.mul(f32, minusTwo, l.abs(sign, x))
		power, q := parts(l.max(f32, x2, l.reg(low))) // NaN stays
		e := l.fma32(l.sub(f32, one, power), power, q)
		y := l.abs(sign, l.div(f32, l.add(f32, two, e), e))
		return l.or(y, l.and(sign, x))
	}
}
