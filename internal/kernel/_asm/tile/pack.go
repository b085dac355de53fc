package main

import (
	"fmt"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const transposeSignature = "func(dst *byte, dstStep int, src *byte, srcStep, rows, depth int)"

// transpose emits a function that turns rows into columns, as many numbers at a
// time as a vector holds. turn transposes the registers of rows and stores them
// with put; load takes a part of a row with the mask of the last turn, set by
// mask from the number of lanes.
func transpose(lanes int, rows []VecPhysical, load func(m Mem, v VecPhysical), mask func(count GPPhysical), turn func(put func(v VecPhysical))) {
	dst, dstStep, src, count := RBX, RDX, low, RAX
	Load(Param("dst"), dst)
	Load(Param("dstStep"), dstStep)
	Load(Param("src"), src)
	Load(Param("srcStep"), stride)
	Load(Param("rows"), count)
	Load(Param("depth"), k)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, stride5)
	LEAQ(Mem{Base: src, Index: stride3, Scale: 2}, high)
	ADDQ(stride, high)
	top := R12
	LEAQ(Mem{Base: high, Index: stride3, Scale: 2}, top)
	ADDQ(stride, top)
	row := func(i int) Mem {
		if i < 14 {
			return aRow(i)
		}
		m := Mem{Base: top}
		if i > 14 {
			m.Index, m.Scale = stride, uint8(i-14)
		}
		return m
	}
	take := func(prefix string, load func(m Mem, v VecPhysical)) {
		choose(count, 1, lanes, func(n int) string { return fmt.Sprint(prefix, n) })
		for n := lanes; n >= 1; n-- {
			Label(fmt.Sprint(prefix, n))
			for i, v := range rows {
				if i < n {
					load(row(i), v)
				} else {
					VXORPS(v.AsX(), v.AsX(), v.AsX())
				}
			}
			if n > 1 {
				JMP(LabelRef(prefix + "turn"))
			}
		}
		Label(prefix + "turn")
	}
	SUBQ(U8(lanes), k)
	JL(LabelRef("rest"))
	Label("loop")
	take("full", func(m Mem, v VecPhysical) { VMOVUPS(m, v) })
	put := func(v VecPhysical) {
		VMOVUPS(v, Mem{Base: dst})
		ADDQ(dstStep, dst)
	}
	turn(put)
	for _, p := range []Register{low, high, top} {
		ADDQ(U8(4*lanes), p)
	}
	SUBQ(U8(lanes), k)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(U8(lanes), k)
	JZ(LabelRef("done"))
	t := R13
	MOVQ(k, t)
	mask(t)
	take("part", load)
	turn(func(v VecPhysical) {
		put(v)
		DECQ(k)
		JZ(LabelRef("done"))
	})
	Label("done")
	VZEROUPPER()
	RET()
}

func transpose512() {
	TEXT("transpose512", NOSPLIT, transposeSignature)
	Doc("transpose512 transposes up to 16 rows.")
	Pragma("noescape")
	transpose(16, isa.Z[:16], func(m Mem, v VecPhysical) { VMOVUPS_Z(m, K1, v) },
		func(count GPPhysical) {
			MOVL(U32(0xffffffff), R15L)
			BZHIL(count.As32(), R15L, R15L)
			KMOVW(R15L, K1)
		},
		turn512)
}

// turn512 transposes 16x16 numbers in Z0 to Z15.
func turn512(put func(v VecPhysical)) {
	z := isa.Z[:16]
	isa.Transpose16(z, isa.Z[16:])
	for _, v := range z {
		put(v)
	}
}

func transpose256() {
	TEXT("transpose256", NOSPLIT, transposeSignature)
	Doc("transpose256 transposes up to 8 rows.")
	Pragma("noescape")
	transpose(8, isa.Y[:8], func(m Mem, v VecPhysical) { VMASKMOVPS(m, Y15, v) },
		func(count GPPhysical) { mask256(count, Y15) },
		turn256)
}

// turn256 transposes 8x8 numbers in Y0 to Y7.
func turn256(put func(v VecPhysical)) {
	y, t := isa.Y[:8], isa.Y[8:]
	for i := range 4 {
		VUNPCKLPS(y[2*i+1], y[2*i], t[2*i])
		VUNPCKHPS(y[2*i+1], y[2*i], t[2*i+1])
	}
	for i := range 2 {
		VUNPCKLPD(t[4*i+2], t[4*i], y[4*i])
		VUNPCKHPD(t[4*i+2], t[4*i], y[4*i+1])
		VUNPCKLPD(t[4*i+3], t[4*i+1], y[4*i+2])
		VUNPCKHPD(t[4*i+3], t[4*i+1], y[4*i+3])
	}
	// Half h of y[4q+r] holds rows 4q to 4q+3 of column 4h+r.
	for r := range 4 {
		VPERM2F128(U8(0x20), y[4+r], y[r], t[r])
		VPERM2F128(U8(0x31), y[4+r], y[r], t[4+r])
	}
	for _, v := range t {
		put(v)
	}
}

const copySignature = "func(dst *byte, dstStep, dstGroup int, src *byte, srcStep, srcGroup, cols, groups, depth int)"

// copyGroups emits a function that copies groups of up to two vectors, row by
// row. It reads whole rows, which the prefetcher likes, and fills up the last
// vector of a group with zeros.
func copyGroups(lanes int, v [2]VecPhysical, load func(m Mem, v VecPhysical), mask func()) {
	dst, dstStep, dstGroup := RBX, RDX, R8
	src, srcStep, srcGroup := RSI, R9, R10
	groups := RAX
	Load(Param("cols"), k)
	CMPQ(k, U8(lanes))
	SETGT(R11B)
	MOVQ(k, R12)
	SUBQ(U8(lanes), R12)
	CMOVQGT(R12, k)
	mask()
	Load(Param("dst"), dst)
	Load(Param("dstStep"), dstStep)
	Load(Param("dstGroup"), dstGroup)
	Load(Param("src"), src)
	Load(Param("srcStep"), srcStep)
	Load(Param("srcGroup"), srcGroup)
	Load(Param("depth"), k)
	TESTB(R11B, R11B)
	JZ(LabelRef("narrow"))
	s, d := RDI, R13
	ahead := R11 // rows may lie far apart, which the hardware does not foresee
	for _, width := range []int{2, 1} {
		if width == 1 {
			Label("narrow")
		}
		MOVQ(srcStep, ahead)
		SHLQ(U8(3), ahead)
		row, group := fmt.Sprint("row", width), fmt.Sprint("group", width)
		Label(row)
		MOVQ(src, s)
		MOVQ(dst, d)
		Load(Param("groups"), groups)
		Label(group)
		PREFETCHT0(Mem{Base: s, Index: ahead, Scale: 1})
		if width == 2 {
			PREFETCHT0(Mem{Base: s, Index: ahead, Scale: 1, Disp: 64})
			VMOVUPS(Mem{Base: s}, v[0])
			load(Mem{Base: s, Disp: 4 * lanes}, v[1])
			VMOVUPS(v[0], Mem{Base: d})
			VMOVUPS(v[1], Mem{Base: d, Disp: 4 * lanes})
		} else {
			load(Mem{Base: s}, v[0])
			VMOVUPS(v[0], Mem{Base: d})
		}
		ADDQ(srcGroup, s)
		ADDQ(dstGroup, d)
		DECQ(groups)
		JNZ(LabelRef(group))
		ADDQ(srcStep, src)
		ADDQ(dstStep, dst)
		DECQ(k)
		JNZ(LabelRef(row))
		VZEROUPPER()
		RET()
	}
}

func copy512() {
	TEXT("copy512", NOSPLIT, copySignature)
	Doc("copy512 copies groups of up to 32 columns.")
	Pragma("noescape")
	copyGroups(16, [2]VecPhysical{Z0, Z1}, func(m Mem, v VecPhysical) { VMOVUPS_Z(m, K1, v) }, func() {
		MOVL(U32(0xffffffff), RAX.As32())
		BZHIL(k.As32(), RAX.As32(), RAX.As32())
		KMOVW(RAX.As32(), K1)
	})
}

func copy256() {
	TEXT("copy256", NOSPLIT, copySignature)
	Doc("copy256 copies groups of up to 16 columns.")
	Pragma("noescape")
	copyGroups(8, [2]VecPhysical{Y0, Y1}, func(m Mem, v VecPhysical) { VMASKMOVPS(m, Y15, v) }, func() {
		mask256(k, Y15)
	})
}
