package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// transpose exchanges rows and columns of blocks of l.bits/32 on a side. It goes
// down the columns of x, of which it takes up to a block's width, in blocks of
// rows:
//
//	y[j·yStride+i] = x[i·xStride+j],   i < rows, j < cols ≤ 8 or 16
//
// The steps are counted in bytes. A block at an edge is computed like the others.
// The rows of x that it lacks are read as its last row again, and left out of what
// is stored by a mask; the rows of y that it lacks are stored, before it, at the
// place of its last row.
func transpose(l level) {
	TEXT(l.name("transpose"), NOSPLIT, "func(rows, cols int, y, x *float32, yStep, xStep int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s exchanges rows and columns: y[j,i] = x[i,j] for i < rows and j < cols,", l.name("transpose")),
		fmt.Sprintf("at most %d. Rows of x are xStep bytes apart, those of y yStep.", l.bits/32))
	side := l.bits / 32
	rows := Load(Param("rows"), GP64())
	cols := Load(Param("cols"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	yStep := Load(Param("yStep"), GP64())
	xStep := Load(Param("xStep"), GP64())
	colMask := tailMask(l, cols)
	last := GP64()
	LEAQ(Mem{Base: cols, Disp: -1}, last)
	IMULQ(yStep, last)

	// from is the block's row of x, to its row of y: they move a step at a time
	// and stay at the last one.
	from, to, left := GP64(), GP64(), GP64()

	block := func(label string, full bool) {
		r := make([]Register, side)
		MOVQ(x, from)
		MOVQ(rows, left)
		for i := range r {
			r[i] = l.vec()
			m := Mem{Base: from}
			switch {
			case l.wide():
				VMOVUPS_Z(m, colMask, r[i])
			default:
				VMASKMOVPS(m, colMask, r[i])
			}
			if i == side-1 {
				break
			}
			if full {
				ADDQ(xStep, from)
				continue
			}
			next := GP64()
			LEAQ(Mem{Base: from, Index: xStep, Scale: 1}, next)
			CMPQ(left, U32(uint32(i+1)))
			CMOVQGT(next, from)
		}
		r = l.exchange(r)
		var rowMask Register
		if !full {
			rowMask = tailMask(l, rows)
		}
		store := func(v Register, m Mem) {
			switch {
			case full:
				VMOVUPS(v, m)
			case l.wide():
				VMOVUPS(v, rowMask, m)
			default:
				VMASKMOVPS(v, rowMask, m)
			}
		}
		LEAQ(Mem{Base: y, Index: last, Scale: 1}, to)
		for j := side - 1; j >= 0; j-- {
			store(r[j], Mem{Base: to})
			if j == 0 {
				break
			}
			next := GP64()
			MOVQ(to, next)
			SUBQ(yStep, next)
			CMPQ(cols, U32(uint32(j)))
			CMOVQGT(next, to)
		}
		_ = label
	}

	Label("full")
	SUBQ(I32(int32(side)), rows)
	JL(LabelRef("edge"))
	block("full", true)
	ADDQ(I32(4*int32(side)), y)
	advance := GP64()
	MOVQ(xStep, advance)
	SHLQ(U8(map[int]uint8{8: 3, 16: 4}[side]), advance)
	ADDQ(advance, x)
	JMP(LabelRef("full"))
	Label("edge")
	ADDQ(I32(int32(side)), rows)
	JZ(LabelRef("done"))
	block("edge", false)
	Label("done")
	VZEROUPPER()
	RET()
}

// exchange transposes a square of vectors in registers: pairs of elements, then
// pairs of pairs, within quarters or halves of a vector, then these themselves.
func (l level) exchange(r []Register) []Register {
	next := func(f func(a, b, y Op), a, b Register) Register {
		y := l.vec()
		f(a, b, y)
		return y
	}
	low := func(a, b, y Op) { VUNPCKLPS(b, a, y) }
	high := func(a, b, y Op) { VUNPCKHPS(b, a, y) }
	shuffle := func(imm uint8) func(a, b, y Op) {
		return func(a, b, y Op) { VSHUFPS(U8(imm), b, a, y) }
	}
	t := make([]Register, len(r))
	for i := 0; i < len(r); i += 2 {
		t[i], t[i+1] = next(low, r[i], r[i+1]), next(high, r[i], r[i+1])
	}
	// u[4k+j] holds, in quarter q, column 4q+j of rows 4k to 4k+3.
	u := make([]Register, len(r))
	for i := 0; i < len(r); i += 4 {
		u[i], u[i+1] = next(shuffle(0x44), t[i], t[i+2]), next(shuffle(0xee), t[i], t[i+2])
		u[i+2], u[i+3] = next(shuffle(0x44), t[i+1], t[i+3]), next(shuffle(0xee), t[i+1], t[i+3])
	}
	out := make([]Register, len(r))
	if !l.wide() {
		for j := range 4 {
			out[j], out[4+j] = YMM(), YMM()
			VPERM2F128(U8(0x20), u[4+j], u[j], out[j])
			VPERM2F128(U8(0x31), u[4+j], u[j], out[4+j])
		}
		return out
	}
	quarters := func(imm uint8) func(a, b, y Op) {
		return func(a, b, y Op) { VSHUFF32X4(U8(imm), b, a, y) }
	}
	for j := range 4 {
		even01, odd01 := next(quarters(0x88), u[j], u[4+j]), next(quarters(0xdd), u[j], u[4+j])
		even23, odd23 := next(quarters(0x88), u[8+j], u[12+j]), next(quarters(0xdd), u[8+j], u[12+j])
		out[j], out[8+j] = next(quarters(0x88), even01, even23), next(quarters(0xdd), even01, even23)
		out[4+j], out[12+j] = next(quarters(0x88), odd01, odd23), next(quarters(0xdd), odd01, odd23)
	}
	return out
}
