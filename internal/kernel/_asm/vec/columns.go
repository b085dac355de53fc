package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

var minusInf = float32(math.Inf(-1))

// A columns goes down the columns of a matrix with a state for each: those of four
// vectors, or with vectors 0 the first ones of a vector, all of them at most.
type columns struct {
	l      level
	mask   Register
	rows   Register
	step   Register
	states []Register
}

func newColumns(l level, name, doc, pointers string, vectors int) *columns {
	signature, what := "func(rows int, "+pointers+" *float32, step int)", fmt.Sprintf("%d columns", vectors*l.bits/32)
	if vectors == 0 {
		signature, what = "func(rows, cols int, "+pointers+" *float32, step int)", fmt.Sprintf("cols ≤ %d", l.bits/32)
	}
	name = fmt.Sprintf("%s%dx%d", name, l.bits, vectors)
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s %s, for %s of rows", name, doc, what), "that are step bytes apart.")
	c := &columns{l: l, rows: Load(Param("rows"), GP64()), step: Load(Param("step"), GP64()), states: make([]Register, max(1, vectors))}
	if vectors == 0 {
		c.mask = tailMask(l, Load(Param("cols"), GP64()))
	}
	return c
}

// down emits the loop: each moves by a row with it.
func (c *columns) down(pointers []Register, each func(v, at int)) {
	Label("row")
	for v := range c.states {
		each(v, v*c.l.bytes())
	}
	for _, p := range pointers {
		ADDQ(c.step, p)
	}
	DECQ(c.rows)
	JNZ(LabelRef("row"))
}

// maxRows takes the largest of each column.
func maxRows(l level, vectors int) {
	c := newColumns(l, "maxRows", "brings acc[j] up to the largest x[i,j], NaN left out", "acc, x", vectors)
	acc, x := Load(Param("acc"), GP64()), Load(Param("x"), GP64())
	in := loop{in: f32}
	for v := range c.states {
		c.states[v] = in.load(l, Mem{Base: acc, Disp: v * l.bytes()}, c.mask)
	}
	c.down([]Register{x}, func(v, at int) {
		top := c.states[v]
		VMAXPS(top, in.load(l, Mem{Base: x, Disp: at}, c.mask), top)
	})
	for v := range c.states {
		in.store(l, c.states[v], Mem{Base: acc, Disp: v * l.bytes()}, c.mask)
	}
	VZEROUPPER()
	RET()
}

// zeroFirst looks in each column for a number.
func zeroFirst(l level, vectors int) {
	c := newColumns(l, "zeroFirst", "copies src to y, with 0 at the first i for which x[i,j] is top[j], which becomes NaN", "y, src, x, top", vectors)
	y, src, x, topAt := Load(Param("y"), GP64()), Load(Param("src"), GP64()), Load(Param("x"), GP64()), Load(Param("top"), GP64())
	in, zero, none := loop{in: f32}, l.zero(), l.float32s(float32(math.NaN()))
	for v := range c.states {
		c.states[v] = in.load(l, Mem{Base: topAt, Disp: v * l.bytes()}, c.mask)
	}
	c.down([]Register{y, src, x}, func(v, at int) {
		top := c.states[v]
		found := l.cmp(f32, equal, in.load(l, Mem{Base: x, Disp: at}, c.mask), top)
		from := in.load(l, Mem{Base: src, Disp: at}, c.mask)
		to := l.pick(f32, found, zero, from)
		in.store(l, to, Mem{Base: y, Disp: at}, c.mask)
		VMOVUPS(l.pick(f32, found, none, top), top) // NaN, which nothing is equal to
	})
	for v := range c.states {
		in.store(l, c.states[v], Mem{Base: topAt, Disp: v * l.bytes()}, c.mask)
	}
	VZEROUPPER()
	RET()
}
