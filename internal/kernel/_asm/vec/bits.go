package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// transposeBits exchanges rows and columns of 64 words of 64 bits, in eight
// registers of eight rows. The steps across 32, 16 and 8 bits and rows are between
// registers. Then the bits of each byte and eight rows are exchanged: for this the
// bytes of a register are brought together, eight of a column in a lane, and back.
//
// Source: Warren, Hacker's Delight, section 7-3.
func transposeBits() {
	TEXT("transposeBits512", NOSPLIT, "func(a *[64]uint64)")
	Pragma("noescape")
	Doc("transposeBits512 exchanges bit j of word i with bit i of word j.")
	a := Load(Param("a"), GP64())
	words := func(v uint64) Register {
		t, z := GP64(), ZMM()
		MOVQ(U64(v), t)
		VPBROADCASTQ(t, z)
		return z
	}
	r := make([]Register, 8)
	for i := range r {
		r[i] = ZMM()
		VMOVDQU64(Mem{Base: a, Disp: 64 * i}, r[i])
	}
	const xorAnd, xor3 = 0x28, 0x96 // (a^b)&c and a^b^c
	for _, s := range []struct {
		apart int
		bits  uint8
		mask  uint64
	}{{4, 32, 0x00000000FFFFFFFF}, {2, 16, 0x0000FFFF0000FFFF}, {1, 8, 0x00FF00FF00FF00FF}} {
		mask := words(s.mask)
		for i := range r {
			if i&s.apart != 0 {
				continue
			}
			t := ZMM()
			VPSRLQ(U8(s.bits), r[i], t)
			VPTERNLOGQ(U8(xorAnd), mask, r[i+s.apart], t)
			VPXORQ(t, r[i+s.apart], r[i+s.apart])
			VPSLLQ(U8(s.bits), t, t)
			VPXORQ(t, r[i], r[i])
		}
	}

	pairs := GLOBL("pairsOfBytes", RODATA|NOPTR)
	for i := range 64 {
		DATA(i, U8(uint8(i%2*8+i%16/2)))
	}
	columns := GLOBL("columnsOfPairs", RODATA|NOPTR)
	for i := range 32 {
		DATA(2*i, U16(uint16(i%4*8+i/4)))
	}
	shuffle, order := ZMM(), ZMM()
	VMOVDQU64(pairs, shuffle)
	VMOVDQU64(columns, order)
	exchangeBytes := func(z Register) {
		VPSHUFB(shuffle, z, z)
		VPERMW(z, order, z)
	}
	masks := []Register{words(0x00AA00AA00AA00AA), words(0x0000CCCC0000CCCC), words(0x00000000F0F0F0F0)}
	for i, z := range r {
		exchangeBytes(z)
		for k, mask := range masks {
			t, back := ZMM(), ZMM()
			VPSRLQ(U8(7<<k), z, t)
			VPTERNLOGQ(U8(xorAnd), mask, z, t)
			VPSLLQ(U8(7<<k), t, back)
			VPTERNLOGQ(U8(xor3), back, t, z)
		}
		exchangeBytes(z)
		VMOVDQU64(z, Mem{Base: a, Disp: 64 * i})
	}
	VZEROUPPER()
	RET()
}
