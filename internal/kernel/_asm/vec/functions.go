package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The functions below work on lanes of float64, for results that are rounded to
// float32: their relative error is below 1e-8, a sixth of what the rounding may
// cost. Each is prepared before a loop, for its constants, and then emitted in it.

// fma is a·b + c; c may lie in memory. It overwrites a.
func (l level) fma(c Op, b, a Register) Register {
	if _, inMemory := c.(Mem); inMemory && l.wide() {
		VFMADD213PD_BCST(c, b, a)
	} else {
		VFMADD213PD(c, b, a)
	}
	return a
}

// horner is the polynomial in x of the given coefficients, that of the highest
// power first.
func (l level) horner(x Register, coefficients []Op) Register {
	y := l.vec()
	if l.wide() {
		VBROADCASTSD(coefficients[0], y)
	} else {
		VMOVUPD(coefficients[0], y)
	}
	for _, c := range coefficients[1:] {
		l.fma(c, x, y)
	}
	return y
}

// coefficients are read from memory, to be broadcast where that can be had.
func (l level) coefficients(c ...float64) []Op {
	ops := make([]Op, len(c))
	for i, v := range c {
		if l.wide() {
			ops[i] = oneFloat64(v)
		} else {
			ops[i] = l.float64s(v)
		}
	}
	return ops
}

// signBit is the mask of the sign of each float64.
func (l level) signBit() Op { return l.float64s(math.Copysign(0, -1)) }

// abs clears the sign of x, given signBit; negate flips it.
func (l level) abs(sign Op, x Register) Register {
	return l.op(func(o ...Op) { VANDNPD(o...) }, x, l.reg(sign))
}

func (l level) and(b Op, a Register) Register { return l.op(func(o ...Op) { VANDPD(o...) }, b, a) }
func (l level) or(b Op, a Register) Register  { return l.op(func(o ...Op) { VORPD(o...) }, b, a) }

func (l level) negate(sign Op, x Register) Register {
	return l.op(func(o ...Op) { VXORPD(o...) }, sign, x)
}

// A reduction writes x as k·ln 2 + r, with k whole and |r| ≤ ln(2)/2.
func (l level) reduction() func(x Register) (k, r Register) {
	log2e, ln2 := l.float64s(math.Log2E), l.float64s(math.Ln2)
	return func(x Register) (k, r Register) {
		k = l.mul(f64, log2e, x)
		if l.wide() {
			VRNDSCALEPD(U8(0), k, k)
		} else {
			VROUNDPD(U8(0), k, k)
		}
		r = l.copyOf(x)
		VFNMADD231PD(ln2, k, r)
		return k, r
	}
}

// power is 2^k for the narrow level, which has no instruction for it. k is four
// integers, and overwritten.
func (l level) power(k Register) Register {
	bias := constant("bias1023", 16, func() {
		for i := range 4 {
			DATA(4*i, U32(1023))
		}
	})
	y := l.vec()
	VPADDD(bias, k, k)
	VPMOVSXDQ(k, y)
	VPSLLQ(U8(52), y, y)
	return y
}

// exp is e^x. By the Taylor polynomial of degree 7, its error is below
// (ln(2)/2)^8/8! = 5.2e-9. Beyond ±800 it is infinite or 0.
func (l level) exp() func(x Register) Register {
	reduce, low, high := l.reduction(), l.float64s(-800), l.float64s(800)
	taylor := l.coefficients(1./5040, 1./720, 1./120, 1./24, 1./6, 1./2, 1, 1)
	return func(x Register) Register {
		x = l.min(f64, l.max(f64, x, l.reg(low)), l.reg(high)) // NaN stays
		k, r := reduce(x)
		y := l.horner(r, taylor)
		if l.wide() {
			VSCALEFPD(k, y, y)
			return y
		}
		// In two halves, for 2^k may be no number.
		whole, half := XMM(), XMM()
		VCVTPD2DQY(k, whole)
		VPSRAD(U8(1), whole, half)
		VPSUBD(half, whole, whole)
		return l.mul(f64, l.power(whole), l.mul(f64, l.power(half), y))
	}
}

// expm1 is e^x - 1 for x ≤ 0, exact also near 0: with q = e^r - 1 it is
// 2^k·q + (2^k - 1).
func (l level) expm1() func(x Register) Register {
	reduce, low := l.reduction(), l.float64s(-60)
	one := l.float64s(1)
	taylor := l.coefficients(1./40320, 1./5040, 1./720, 1./120, 1./24, 1./6, 1./2)
	return func(x Register) Register {
		x = l.max(f64, x, l.reg(low)) // NaN stays
		k, r := reduce(x)
		q := l.fma(r, l.mul(f64, r, r), l.horner(r, taylor))
		var s Register
		if l.wide() {
			s = l.op(func(o ...Op) { VSCALEFPD(o...) }, k, one)
		} else {
			whole := XMM()
			VCVTPD2DQY(k, whole)
			s = l.power(whole)
		}
		return l.fma(l.sub(f64, one, s), s, q)
	}
}

// sigmoid is 1/(1+e^-x).
func (l level) sigmoid() func(x Register) Register {
	exp, one, sign := l.exp(), l.float64s(1), l.signBit()
	return func(x Register) Register {
		return l.div(f64, l.add(f64, one, exp(l.negate(sign, x))), l.reg(one))
	}
}

// tanh is, with e = exp(-2|x|)-1, -e/(e+2) with the sign of x.
func (l level) tanh() func(x Register) Register {
	expm1, sign, minusTwo, two := l.expm1(), l.signBit(), l.float64s(-2), l.float64s(2)
	return func(x Register) Register {
		e := expm1(l.mul(f64, minusTwo, l.abs(sign, x)))
		y := l.abs(sign, l.div(f64, l.add(f64, two, e), e))
		return l.or(y, l.and(sign, x))
	}
}

// log1p is log(1+e) for 0 ≤ e ≤ 1: 2·atanh(s) with s = e/(2+e) ≤ 1/3, by a
// polynomial in s² that is off by 1.1e-10 at most.
func (l level) log1p() func(e Register) Register {
	two := l.float64s(2)
	c := l.coefficients(0.12196954042011512, 0.10699280253339272, 0.14310103704218619, 0.19999355623431167, 0.33333339513216986, 0.9999999999045031)
	return func(e Register) Register {
		s := l.div(f64, l.add(f64, two, e), e)
		y := l.horner(l.mul(f64, s, s), c)
		return l.mul(f64, two, l.mul(f64, s, y))
	}
}

// normal is Φ(x), the distribution function of the normal distribution, and
// e^(-x²/2). With z = |x|/√2 and t = 1/(1+z/2),
//
//	erfc(z) = t·P(t)·e^(-z²)
//
// where P, fitted for z ≤ 12, is off by 4.5e-10 at most; beyond that e^(-z²) is
// nothing in float32.
func (l level) normal() func(x Register) (phi, e Register) {
	exp, one, sign := l.exp(), l.float64s(1), l.signBit()
	minusHalf, half, slope := l.float64s(-0.5), l.float64s(0.5), l.float64s(1/(2*math.Sqrt2))
	c := l.coefficients(-0.030354864014507245, 0.22649869858813265, -0.7211582329819578, 1.2398973807957705, -1.187509776316469, 0.6134496255831308,
		-0.2742696453481341, 0.15857775507604685, 0.16226216585027284, 0.24853284546576454, 0.2819755915588898, 0.28209845571400405)
	return func(x Register) (phi, e Register) {
		e = exp(l.mul(f64, minusHalf, l.mul(f64, x, x)))
		t := l.div(f64, l.add(f64, one, l.mul(f64, slope, l.abs(sign, x))), l.reg(one))
		tail := l.mul(f64, half, l.mul(f64, e, l.mul(f64, t, l.horner(t, c)))) // Φ(-|x|)
		positive := l.cmp(f64, greater, l.zero(), x)
		return l.pick(f64, positive, l.sub(f64, tail, l.reg(one)), tail), e
	}
}
