package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// normalPairs is normal for words that were drawn before: a row of them is for two rows
// of elements, its low half-words for the first of these.
func normalPairs(l level, op string) {
	name := l.name("normalPairs" + op)
	TEXT(name, NOSPLIT, "func(pairs, cols int, y, x *float32, words *uint32, normals *float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes y = %s for pairs of rows of cols elements, with numbers z of a normal", name, normalFormulas[op]),
		"distribution: the low half-words of a row of words are for the first row of a pair, the high ones",
		"for the second one.")
	pairs := Load(Param("pairs"), GP64())
	cols := Load(Param("cols"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	words := Load(Param("words"), GP64())
	n := l.newNormals(Load(Param("normals"), GP64()))
	n.load()
	step, left := GP64(), GP64()
	MOVQ(cols, step)
	SHLQ(U8(2), step)
	rest := GP64()
	MOVQ(cols, rest)
	ANDQ(U8(uint8(l.bits/32-1)), rest)
	mask := tailMask(l, rest)

	lanes := loop{in: f32}
	vector := func(mask Register) {
		w := lanes.load(l, Mem{Base: words}, mask)
		low, high := l.vec(), l.vec()
		if l.wide() {
			VPANDD_BCST(l.words(0xffff), w, low)
		} else {
			VPAND(l.words(0xffff), w, low)
		}
		VPSRLD(U8(16), w, high)
		for i, half := range []Register{low, high} {
			from, to := Mem{Base: x}, Mem{Base: y}
			if i == 1 {
				from, to = from.Idx(step, 1), to.Idx(step, 1)
			}
			v := lanes.load(l, from, mask)
			lanes.store(l, l.applyNormal(op, v, n.signed(half)), to, mask)
		}
	}
	advance := func(by Op) {
		ADDQ(by, words)
		ADDQ(by, x)
		ADDQ(by, y)
	}

	Label("row")
	MOVQ(cols, left)
	Label("full")
	SUBQ(U8(uint8(l.bits/32)), left)
	JL(LabelRef("edge"))
	vector(nil)
	advance(U8(uint8(l.bytes())))
	JMP(LabelRef("full"))
	Label("edge")
	ADDQ(U8(uint8(l.bits/32)), left)
	JZ(LabelRef("next"))
	vector(mask)
	SHLQ(U8(2), left)
	advance(left)
	Label("next")
	ADDQ(step, x) // over the second row of the pair
	ADDQ(step, y)
	DECQ(pairs)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
