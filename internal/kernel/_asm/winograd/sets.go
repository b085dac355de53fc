package main

import (
	"fmt"
	"math"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// constant returns lanes copies of f in memory, one for each f.
func constant(f float64, lanes int) Mem {
	key := fmt.Sprintf("k%dx%08x", lanes, math.Float32bits(float32(f)))
	m, ok := constants[key]
	if !ok {
		m = GLOBL(key, RODATA|NOPTR)
		for i := range lanes {
			DATA(4*i, F32(f))
		}
		constants[key] = m
	}
	return m
}

var constants = map[string]Mem{}

// remainMask leaves in bits the lowest min(remain, 16) bits set.
func remainMask(remain Register, bits GPVirtual) {
	n := GP64()
	MOVQ(U32(16), n)
	CMPQ(remain, n)
	CMOVQLT(remain, n)
	MOVL(U32(0xffff), bits.As32())
	BZHIL(n.As32(), bits.As32(), bits.As32())
}

func avx512() *set {
	columns := []OpmaskPhysical{K2, K3, K4, K5, K6, K7}
	s := &set{
		suffix: "512",
		lanes:  16,
		all:    isa.Z,
		held:   isa.Z[:12],
		t:      isa.Z[12:16],
		konst:  func(f float64) Op { return constant(f, 16) },
		keep: func(s *set, values ...float64) {
			kept := map[float32]VecPhysical{}
			for i, f := range values {
				kept[float32(f)] = isa.Z[31-i]
				VBROADCASTSS(constant(f, 16), kept[float32(f)])
			}
			s.konst = func(f float64) Op { return kept[float32(f)] }
		},
		setMasks: func(n int, cols, remain Register) {
			bits, k := GP64(), GP64()
			remainMask(remain, bits)
			for j := range n {
				BTQ(U8(j), cols)
				SBBQ(k, k)
				ANDQ(bits, k)
				KMOVW(k.As32(), columns[j])
			}
		},
		prepare: func(int) {},
	}
	s.load = func(j int, m Mem, v VecPhysical) {
		if s.masked {
			VMOVUPS_Z(m, columns[j], v)
		} else {
			VMOVUPS(m, v)
		}
	}
	s.store = func(j int, v VecPhysical, m Mem) {
		if s.masked {
			VMOVUPS(v, columns[j], m)
		} else {
			VMOVUPS(v, m)
		}
	}
	return s
}

// avx2 keeps its masks on the stack: its registers are few.
func avx2() *set {
	var masks Mem
	s := &set{
		suffix: "256",
		lanes:  8,
		all:    isa.Y,
		held:   isa.Y[:12],
		t:      isa.Y[12:16],
		konst:  func(f float64) Op { return constant(f, 8) },
		keep:   func(*set, ...float64) {}, // no registers are left
	}
	mask := s.t[3]
	s.setMasks = func(n int, cols, remain Register) {
		masks = AllocLocal(32 * n)
		k, ramp := GP64(), GP64()
		LEAQ(lanesTable(), ramp)
		MOVQ(U32(8), k)
		CMPQ(remain, k)
		CMOVQLT(remain, k)
		SHLQ(U8(2), k)
		SUBQ(k, ramp)
		VMOVUPS(Mem{Base: ramp, Disp: 32}, s.t[0])
		for j := range n {
			BTQ(U8(j), cols)
			SBBQ(k, k)
			VMOVQ(k, s.t[1].AsX())
			VPBROADCASTQ(s.t[1].AsX(), s.t[1])
			VPAND(s.t[0], s.t[1], s.t[1])
			VMOVUPS(s.t[1], masks.Offset(32*j))
		}
	}
	s.prepare = func(j int) {
		if s.masked {
			VMOVUPS(masks.Offset(32*j), mask)
		}
	}
	s.load = func(_ int, m Mem, v VecPhysical) {
		if s.masked {
			VMASKMOVPS(m, mask, v)
		} else {
			VMOVUPS(m, v)
		}
	}
	s.store = func(j int, v VecPhysical, m Mem) {
		if s.masked {
			VMOVUPS(masks.Offset(32*j), mask)
			VMASKMOVPS(v, mask, m)
		} else {
			VMOVUPS(v, m)
		}
	}
	return s
}

// lanesTable is eight ones and eight zeros: the 8 that start at 8-n are a mask of
// n lanes.
func lanesTable() Mem {
	m, ok := constants["lanes"]
	if !ok {
		m = GLOBL("lanes", RODATA|NOPTR)
		for i := range 16 {
			one := U32(0)
			if i < 8 {
				one = 0xffffffff
			}
			DATA(4*i, one)
		}
		constants["lanes"] = m
	}
	return m
}
