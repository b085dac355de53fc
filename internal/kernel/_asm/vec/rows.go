package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A rows combines the rows of a matrix with one row k, of which it keeps a few
// vectors in registers while it goes down the columns of the matrix.
type rows struct {
	name, doc string
	// prepare looks at a vector of k before the loop.
	prepare func(l level, k Register) func(x Op) Register
}

var rowLoops = []rows{
	{"addRows", "computes y[i,j] = x[i,j]+k[j]", func(l level, k Register) func(x Op) Register {
		return func(x Op) Register { return l.add(f32, x, k) }
	}},
	{"mulRows", "computes y[i,j] = 0 where k[j] is 0, else x[i,j]·k[j]", keepScaled},
}

// emit writes the loop for a number of full vectors, or for 0 for the first
// columns of one.
func (r rows) emit(l level, vectors int) {
	name := fmt.Sprintf("%s%dx%d", r.name, l.bits, vectors)
	signature, what := "func(rows int, y, x, k *float32, step int)", fmt.Sprintf("%d columns", vectors*l.bits/32)
	if vectors == 0 {
		signature, what = "func(rows, cols int, y, x, k *float32, step int)", fmt.Sprintf("cols < %d", l.bits/32)
	}
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s %s, for %s of rows", name, r.doc, what), "that are step bytes apart.")
	n := Load(Param("rows"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	k := Load(Param("k"), GP64())
	step := Load(Param("step"), GP64())
	lanes := loop{in: f32}
	var mask Register
	if vectors == 0 {
		mask = tailMask(l, Load(Param("cols"), GP64()))
	}
	compute := make([]func(x Op) Register, max(1, vectors))
	for v := range compute {
		compute[v] = r.prepare(l, lanes.load(l, Mem{Base: k, Disp: v * l.bytes()}, mask))
	}
	Label("row")
	for v, f := range compute {
		m := Mem{Base: x, Disp: v * l.bytes()}
		to := Mem{Base: y, Disp: v * l.bytes()}
		if mask == nil {
			lanes.store(l, f(m), to, nil)
		} else {
			lanes.store(l, f(lanes.load(l, m, mask)), to, mask)
		}
	}
	ADDQ(step, x)
	ADDQ(step, y)
	DECQ(n)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// sumRows adds up columns in float64, as many as fit the given number of
// vectors, or for 0 the first columns of one.
func sumRows(l level, vectors int) {
	lanes := l.bits / 64
	name := fmt.Sprintf("sumRows%dx%d", l.bits, vectors)
	signature, what := "func(rows int, acc *float64, x *float32, step int)", fmt.Sprintf("%d columns", vectors*lanes)
	if vectors == 0 {
		signature, what = "func(rows, cols int, acc *float64, x *float32, step int)", fmt.Sprintf("cols < %d", lanes)
	}
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s adds Σ_i x[i,j] to acc[j], for %s of rows that are", name, what), "step bytes apart.")
	n := Load(Param("rows"), GP64())
	acc := Load(Param("acc"), GP64())
	x := Load(Param("x"), GP64())
	step := Load(Param("step"), GP64())
	in := loop{in: f64}
	sums := make([]Register, max(1, vectors))
	var mask, wide Register
	if vectors == 0 {
		mask = tailMask(l, Load(Param("cols"), GP64()))
		wide = in.widen(l, mask)
	}
	for v := range sums {
		m := Mem{Base: acc, Disp: v * l.bytes()}
		switch {
		case mask == nil:
			sums[v] = l.op(loadUPS, m)
		case l.wide():
			sums[v] = l.vec()
			VMOVUPD_Z(m, mask, sums[v])
		default:
			sums[v] = l.vec()
			VMASKMOVPD(m, wide, sums[v])
		}
	}
	Label("row")
	for v := range sums {
		VADDPD(in.load(l, Mem{Base: x, Disp: v * 4 * lanes}, mask), sums[v], sums[v])
	}
	ADDQ(step, x)
	DECQ(n)
	JNZ(LabelRef("row"))
	for v := range sums {
		m := Mem{Base: acc, Disp: v * l.bytes()}
		switch {
		case mask == nil:
			VMOVUPS(sums[v], m)
		case l.wide():
			VMOVUPD(sums[v], mask, m)
		default:
			VMASKMOVPD(sums[v], wide, m)
		}
	}
	VZEROUPPER()
	RET()
}
