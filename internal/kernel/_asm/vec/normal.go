package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// normal draws numbers of a normal distribution, and adds them or multiplies by 1
// plus them, in one pass. It computes them as normalOf of package vec does.
func normal(l level, kind string) {
	formula := map[string]string{"normalAdd": "x + scale·z", "normalMul": "x·(1 + scale·z)"}[kind]
	TEXT(l.name(kind), NOSPLIT, "func(groups int, y, x *float32, normals, keys *uint32, block uint64, scale float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes y = %s for groups of 64 elements from the given block on, with", l.name(kind), formula),
		"numbers z of a normal distribution.")
	groups := Load(Param("groups"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	normals := Load(Param("normals"), GP64())
	p := newPhilox(l)
	scale, _ := Param("scale").Resolve()
	one, oneBit := l.words(math.Float32bits(1)), l.words(1)

	// The coefficients, 16 of each power: in registers where there are many, else in
	// memory.
	var coefficients []Register
	if l.wide() {
		for power := range 4 {
			coefficients = append(coefficients, l.op(loadUPS, Mem{Base: normals, Disp: 64 * power}))
		}
	}
	pick := func(power int, octave Register) Register {
		if l.wide() {
			return l.op(VPERMPS, coefficients[power], octave)
		}
		low := l.op(VPERMPS, Mem{Base: normals, Disp: 64 * power}, octave)
		high := l.op(VPERMPS, Mem{Base: normals, Disp: 64*power + 32}, octave)
		upper := l.vec()
		VPSLLD(U8(28), octave, upper)
		VBLENDVPS(upper, high, low, low)
		return low
	}

	// each handles a vector of words, which are half-words below zeros.
	each := func(words Register, disp int) {
		t, octave := l.vec(), l.vec()
		if l.wide() {
			VPORD_BCST(oneBit, words, t)
		} else {
			VPOR(oneBit, words, t)
		}
		VCVTDQ2PS(t, t)
		VPSRLD(U8(23), t, octave)
		z := pick(3, octave)
		for power := 2; power >= 0; power-- {
			VFMADD213PS(pick(power, octave), t, z)
		}
		VPSLLD(U8(31), words, words)
		if l.wide() {
			VPXORD(words, z, z)
			VMULPS_BCST(scale.Addr, z, z)
		} else {
			VPXOR(words, z, z)
			VMULPS(l.op(broadcastSS, scale.Addr), z, z)
		}
		switch {
		case kind == "normalAdd":
			z = l.add(f32, Mem{Base: x, Disp: disp}, z)
		case l.wide():
			VADDPS_BCST(one, z, z)
			z = l.mul(f32, Mem{Base: x, Disp: disp}, z)
		default:
			z = l.mul(f32, Mem{Base: x, Disp: disp}, l.add(f32, one, z))
		}
		VMOVUPS(z, Mem{Base: y, Disp: disp})
	}
	p.loop(groups, func(sets int) {
		for s, halves := range p.draw(sets) {
			for h, half := range halves {
				disp := (2*s + h) * l.bits / 4 // 4 bytes for 16 bits
				low, high := l.vec(), l.vec()
				if l.wide() {
					upper := YMM()
					VEXTRACTI64X4(U8(1), half, upper)
					VPMOVZXWD(half.(Vec).AsY(), low)
					VPMOVZXWD(upper, high)
				} else {
					upper := XMM()
					VEXTRACTI128(U8(1), half, upper)
					VPMOVZXWD(half.(Vec).AsX(), low)
					VPMOVZXWD(upper, high)
				}
				each(low, disp)
				each(high, disp+l.bytes())
			}
		}
		ADDQ(I32(int32(4*sets*p.elements)), x)
		ADDQ(I32(int32(4*sets*p.elements)), y)
	})
}

// words is v in memory: once for a level that can broadcast it from there, else in all
// lanes of 32 bits.
func (l level) words(v uint32) Mem {
	lanes := 8
	if l.wide() {
		lanes = 1
	}
	return constant(fmt.Sprintf("words%d_%08x", lanes, v), 4*lanes, func() {
		for i := range lanes {
			DATA(4*i, U32(v))
		}
	})
}
