package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A level is a width of vectors, 256 or 512 bits, with the instructions that go
// with it. Its methods emit one operation each and return the register of the
// result, so that a kernel is written once for both. The first operand of an
// operation with several may lie in memory.
type level struct{ bits int }

var levels = []level{{256}, {512}}

func (l level) wide() bool { return l.bits == 512 }

func (l level) bytes() int { return l.bits / 8 }

func (l level) name(s string) string { return fmt.Sprintf("%s%d", s, l.bits) }

// vec returns a new register.
func (l level) vec() VecVirtual {
	if l.wide() {
		return ZMM()
	}
	return YMM()
}

// half returns a new register of half the width.
func (l level) half() VecVirtual {
	if l.wide() {
		return YMM()
	}
	return XMM()
}

// op emits f(operands..., result).
func (l level) op(f func(...Op), operands ...Op) Register {
	y := l.vec()
	f(append(operands, y)...)
	return y
}

// three adapts an instruction of fixed arity.
func three(f func(a, b, c Op)) func(...Op) { return func(o ...Op) { f(o[0], o[1], o[2]) } }

func (l level) zero() Register {
	y := l.vec()
	if l.wide() {
		VPXORD(y, y, y)
	} else {
		VPXOR(y, y, y)
	}
	return y
}

func (l level) copyOf(x Op) Register { return l.op(func(o ...Op) { VMOVUPS(o...) }, x) }

// reg returns x in a register.
func (l level) reg(x Op) Register {
	if r, ok := x.(Register); ok {
		return r
	}
	return l.copyOf(x)
}

// constants keeps what is already in the table of constants of the file.
var constants = map[string]Mem{}

func constant(name string, bytes int, write func()) Mem {
	m, ok := constants[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		write()
		constants[name] = m
	}
	return m
}

func oneFloat64(c float64) Mem {
	bits := math.Float64bits(c)
	return constant(fmt.Sprintf("one_%016x", bits), 8, func() { DATA(0, U64(bits)) })
}

// float64s returns c in all lanes: in a register where there are many, else in
// memory. It must be called before the loop.
func (l level) float64s(c float64) Op {
	if l.wide() {
		return l.op(broadcastSD, oneFloat64(c))
	}
	bits := math.Float64bits(c)
	return constant(fmt.Sprintf("four_%016x", bits), 32, func() {
		for i := range 4 {
			DATA(8*i, U64(bits))
		}
	})
}

// float32s is float64s for float32, always in a register.
func (l level) float32s(c float32) Register {
	bits := math.Float32bits(c)
	return l.op(broadcastSS, constant(fmt.Sprintf("float_%08x", bits), 4, func() { DATA(0, U32(bits)) }))
}

// Predicates of comparisons, all quiet.
const (
	equal          = 0x00
	less           = 0x11
	notEqual       = 0x04 // or unordered
	notLessOrEqual = 0x16 // greater or unordered
	greater        = 0x1e
	unordered      = 0x03
)

// lanesOf is the type of the lanes of an operation.
type lanesOf int

const (
	f32 lanesOf = 32
	f64 lanesOf = 64
)

func (t lanesOf) pick(single, double func(...Op)) func(...Op) {
	if t == f32 {
		return single
	}
	return double
}

func (l level) add(t lanesOf, b, a Op) Register { return l.op(t.pick(VADDPS, VADDPD), b, a) }
func (l level) mul(t lanesOf, b, a Op) Register { return l.op(t.pick(VMULPS, VMULPD), b, a) }

// sub is a-b, div a/b.
func (l level) sub(t lanesOf, b, a Op) Register { return l.op(t.pick(VSUBPS, VSUBPD), b, a) }
func (l level) div(t lanesOf, b, a Op) Register { return l.op(t.pick(VDIVPS, VDIVPD), b, a) }

// max and min return b where an operand is NaN.
func (l level) max(t lanesOf, b, a Op) Register { return l.op(t.pick(VMAXPS, VMAXPD), b, a) }
func (l level) min(t lanesOf, b, a Op) Register { return l.op(t.pick(VMINPS, VMINPD), b, a) }

func (l level) sqrt(t lanesOf, a Op) Register { return l.op(t.pick(VSQRTPS, VSQRTPD), a) }

// cmp compares a with b; its result is for pick and keep.
func (l level) cmp(t lanesOf, predicate int, b, a Op) Register {
	var m Register = K()
	if !l.wide() {
		m = l.vec()
	}
	t.pick(VCMPPS, VCMPPD)(U8(predicate), b, a, m)
	return m
}

// pick is a where m holds, else b.
func (l level) pick(t lanesOf, m, a, b Op) Register {
	if l.wide() {
		return l.op(t.pick(VBLENDMPS, VBLENDMPD), a, b, m)
	}
	y := l.vec()
	if t == f32 {
		VBLENDVPS(m, a, b, y)
	} else {
		VBLENDVPD(m, a, b, y)
	}
	return y
}

// keep is a where m holds, else 0.
func (l level) keep(t lanesOf, m, a Op) Register {
	y := l.vec()
	switch {
	case !l.wide():
		VANDPS(m, a, y)
	case t == f32:
		VMOVAPS_Z(a, m, y)
	default:
		VMOVAPD_Z(a, m, y)
	}
	return y
}
