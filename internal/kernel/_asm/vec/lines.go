package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A lines combines each row of a matrix with numbers of its own: rows are short, and
// a call for each would take as long as its work.
type lines struct {
	name, doc string
	numbers   []string // slices with one for each row
	// prepare looks at the numbers of a row, in all lanes, before its elements.
	prepare func(l level, numbers []Register) func(x Op) Register
}

var lineLoops = []lines{
	{"mulLines", "computes y[i,j] = 0 where k[i] is 0, else x[i,j]·k[i]", []string{"k"}, func(l level, of []Register) func(x Op) Register {
		return keepScaled(l, of[0])
	}},
	{"mulAddLines", "computes y[i,j] = s[i] where k[i] is 0, else x[i,j]·k[i]+s[i]", []string{"k", "s"}, func(l level, of []Register) func(x Op) Register {
		scaled := keepScaled(l, of[0])
		return func(x Op) Register { return l.add(f32, scaled(x), of[1]) }
	}},
}

// keepScaled returns 0 where k is 0, else x·k.
func keepScaled(l level, k Register) func(x Op) Register {
	keep := l.cmp(f32, notEqual, l.zero(), k)
	return func(x Op) Register { return l.keep(f32, keep, l.mul(f32, x, k)) }
}

func (s lines) emit(l level) {
	signature := "func(rows, cols int, y, x"
	for _, name := range s.numbers {
		signature += ", " + name
	}
	TEXT(l.name(s.name), NOSPLIT, signature+" *float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s %s.", l.name(s.name), s.doc))
	rows := Load(Param("rows"), GP64())
	cols := Load(Param("cols"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	numbers := make([]Register, len(s.numbers))
	for i, name := range s.numbers {
		numbers[i] = Load(Param(name), GP64())
	}
	in, lanes := loop{in: f32}, l.bits/32
	left := GP64()
	MOVQ(cols, left)
	ANDQ(I8(lanes-1), left)
	mask := tailMask(l, left)

	Label("row")
	of := make([]Register, len(numbers))
	for i, p := range numbers {
		of[i] = l.op(broadcastSS, Mem{Base: p})
		ADDQ(I8(4), p)
	}
	compute := s.prepare(l, of)
	MOVQ(cols, left)
	Label("vector")
	SUBQ(I8(lanes), left)
	JL(LabelRef("rest"))
	in.store(l, compute(Mem{Base: x}), Mem{Base: y}, nil)
	ADDQ(I8(l.bytes()), x)
	ADDQ(I8(l.bytes()), y)
	JMP(LabelRef("vector"))
	Label("rest")
	ADDQ(I8(lanes), left)
	JZ(LabelRef("next"))
	in.store(l, compute(in.load(l, Mem{Base: x}, mask)), Mem{Base: y}, mask)
	LEAQ(Mem{Base: x, Index: left, Scale: 4}, x)
	LEAQ(Mem{Base: y, Index: left, Scale: 4}, y)
	Label("next")
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
