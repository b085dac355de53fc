package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A lineReduction makes a number of each row of a matrix.
type lineReduction struct {
	name, doc string
	in        lanesOf
	start     func(l level) Register
	combine   func(l level, acc, x Register) Register
	// of two halves of a vector, which may be narrow
	halves func(...Op)
	narrow func(...Op)
	single func(...Op)
}

var lineReductions = []lineReduction{
	{
		"sumLines", "computes y[i] = Σ_j x[i,j]", f64, level.zero,
		func(l level, acc, x Register) Register { return l.add(f64, x, acc) },
		func(o ...Op) { VADDPD(o...) }, func(o ...Op) { VADDPD(o...) }, func(o ...Op) { VADDSD(o...) },
	},
	{
		"maxLines", "computes y[i] = max_j x[i,j], NaN left out", f32,
		func(l level) Register { return l.float32s(minusInf) },
		func(l level, acc, x Register) Register { return l.max(f32, acc, x) },
		func(o ...Op) { VMAXPS(o...) }, func(o ...Op) { VMAXPS(o...) }, func(o ...Op) { VMAXSS(o...) },
	},
}

func (s lineReduction) emit(l level) {
	TEXT(l.name(s.name), NOSPLIT, fmt.Sprintf("func(rows, cols int, y *float%d, x *float32)", s.in))
	Pragma("noescape")
	Doc(fmt.Sprintf("%s %s.", l.name(s.name), s.doc))
	rows := Load(Param("rows"), GP64())
	cols := Load(Param("cols"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	in, lanes := loop{in: s.in}, l.bits/int(s.in)
	left := GP64()
	MOVQ(cols, left)
	ANDQ(I8(lanes-1), left)
	mask := tailMask(l, left)
	start := s.start(l)
	acc := l.vec()

	Label("row")
	VMOVUPS(start, acc)
	MOVQ(cols, left)
	Label("vector")
	SUBQ(I8(lanes), left)
	JL(LabelRef("rest"))
	VMOVUPS(s.combine(l, acc, in.load(l, Mem{Base: x}, nil)), acc)
	ADDQ(I8(4*lanes), x)
	JMP(LabelRef("vector"))
	Label("rest")
	ADDQ(I8(lanes), left)
	JZ(LabelRef("next"))
	more := s.combine(l, acc, in.load(l, Mem{Base: x}, mask))
	if s.in == f32 { // the sum of masked lanes, which are 0, is that of the others
		more = l.pick(f32, mask, more, acc)
	}
	VMOVUPS(more, acc)
	LEAQ(Mem{Base: x, Index: left, Scale: 4}, x)
	Label("next")
	s.across(l, acc)
	if s.in == f64 {
		VMOVSD(acc.AsX(), Mem{Base: y})
	} else {
		VMOVSS(acc.AsX(), Mem{Base: y})
	}
	ADDQ(I8(int(s.in)/8), y)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// across leaves what the lanes of r combine to in the first one.
func (s lineReduction) across(l level, r VecVirtual) {
	t := YMM()
	if l.wide() {
		VEXTRACTF64X4(U8(1), r, t)
		s.halves(t, r.AsY(), r.AsY())
	}
	VEXTRACTF128(U8(1), r.AsY(), t.AsX())
	s.narrow(t.AsX(), r.AsX(), r.AsX())
	VPERMILPD(U8(1), r.AsX(), t.AsX())
	if s.in == f64 {
		s.single(t.AsX(), r.AsX(), r.AsX())
		return
	}
	s.narrow(t.AsX(), r.AsX(), r.AsX())
	VPERMILPS(U8(1), r.AsX(), t.AsX())
	s.single(t.AsX(), r.AsX(), r.AsX())
}
