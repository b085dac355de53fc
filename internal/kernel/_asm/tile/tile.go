package main

import (
	"fmt"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A vector set says how the instructions of one level load, add and store.
type vectors struct {
	bytes int // of one vector
	rows  int // of the largest tile, of two vectors
	zero  func(v VecPhysical)
	regs  []VecPhysical // accumulators from 0
	b     [2]VecPhysical
	a     VecPhysical
	load  func(m Mem, v VecPhysical) // with the mask of the last vector
	store func(v VecPhysical, m Mem) // with that mask
	add   func(m Mem, v VecPhysical) // with that mask; may use b
	fma   func(m Mem, b VecPhysical, acc VecPhysical)
}

// body emits the tile of the given rows and vectors. Its label is name.
func (s *vectors) body(rows, width int, name string) {
	acc := func(i, v int) VecPhysical { return s.regs[i*width+v] }
	at := func(base Register, v int) Mem { return Mem{Base: base, Disp: s.bytes * v} }
	last := width - 1
	label := func(l string) string { return name + l }

	Label(name)
	MOVQ(arg("CStep"), k)
	MOVQ(c, spare)
	for i := range rows {
		PREFETCHT0(at(spare, 0))
		if width > 1 && s.bytes == 64 {
			PREFETCHT0(at(spare, 1))
		}
		if i+1 < rows {
			ADDQ(k, spare)
		}
	}
	MOVQ(arg("Bias"), k)
	TESTQ(k, k)
	JZ(LabelRef(label("zero")))
	for v := range width {
		if v == last {
			s.load(at(k, v), acc(0, v))
		} else {
			VMOVUPS(at(k, v), acc(0, v))
		}
	}
	for i := 1; i < rows; i++ {
		for v := range width {
			VMOVAPS(acc(0, v), acc(i, v))
		}
	}
	JMP(LabelRef(label("start")))
	Label(label("zero"))
	for i := range rows * width {
		s.zero(s.regs[i])
	}
	Label(label("start"))
	// Lines to fetch ahead, one vector for each k; none are the arguments, again
	// and again.
	MOVQ(arg("Ahead"), ahead)
	MOVQ(I32(s.bytes), aheadNext)
	TESTQ(ahead, ahead)
	CMOVQEQ(ahead, aheadNext)
	CMOVQEQ(block, ahead)
	TESTQ(outer, outer)
	JZ(LabelRef(label("end")))
	CMPQ(arg("Cols"), U8(width*s.bytes/4))
	JNE(LabelRef(label("partouter")))
	for _, part := range []string{"", "part"} {
		Label(label(part + "outer"))
		MOVQ(arg("Depth"), k)
		TESTQ(k, k)
		JZ(LabelRef(label(part + "turn")))
		Label(label(part + "loop"))
		for v := range width {
			if v == last && part != "" {
				s.load(at(b, v), s.b[v])
			} else {
				VMOVUPS(at(b, v), s.b[v])
			}
		}
		ADDQ(bNext, b)
		PREFETCHT0(Mem{Base: ahead})
		ADDQ(aheadNext, ahead)
		for i := range rows {
			if width == 1 && s.fma != nil {
				s.fma(aRow(i), s.b[0], acc(i, 0))
				continue
			}
			VBROADCASTSS(aRow(i), s.a)
			for v := range width {
				VFMADD231PS(s.a, s.b[v], acc(i, v))
			}
		}
		ADDQ(next, low)
		if rows > 7 {
			ADDQ(next, high)
		}
		DECQ(k)
		JNZ(LabelRef(label(part + "loop")))
		Label(label(part + "turn"))
		ADDQ(arg("ADelta"), low)
		if rows > 7 {
			ADDQ(arg("ADelta"), high)
		}
		ADDQ(arg("BDelta"), b)
		DECQ(outer)
		JNZ(LabelRef(label(part + "outer")))
		if part == "" {
			JMP(LabelRef(label("end")))
		}
	}

	Label(label("end"))
	MOVQ(arg("C"), c)
	MOVQ(arg("CStep"), cNext)
	CMPB(arg("Acc"), U8(0))
	JE(LabelRef(label("clamp")))
	MOVQ(c, c2)
	for i := range rows {
		for v := range width {
			if v == last {
				s.add(at(c2, v), acc(i, v))
			} else {
				VADDPS(at(c2, v), acc(i, v), acc(i, v))
			}
		}
		if i+1 < rows {
			ADDQ(cNext, c2)
		}
	}
	Label(label("clamp"))
	CMPB(arg("Clamp"), U8(0))
	JE(LabelRef(label("store")))
	s.zero(s.a)
	for i := range rows * width {
		VMAXPS(s.regs[i], s.a, s.regs[i]) // in this order NaN stays NaN
	}
	Label(label("store"))
	if s.bytes == 32 { // stores with a mask are slow where they are emulated
		CMPQ(arg("Cols"), U8(width*s.bytes/4))
		JNE(LabelRef(label("partstore")))
		s.storeAll(rows, width, acc, func(v VecPhysical, m Mem) { VMOVUPS(v, m) })
		Label(label("partstore"))
	}
	s.storeAll(rows, width, acc, s.store)
}

func (s *vectors) storeAll(rows, width int, acc func(i, v int) VecPhysical, last func(v VecPhysical, m Mem)) {
	for i := range rows {
		for v := range width {
			m := Mem{Base: c, Disp: s.bytes * v}
			if v == width-1 {
				last(acc(i, v), m)
			} else {
				VMOVUPS(acc(i, v), m)
			}
		}
		if i+1 < rows {
			ADDQ(cNext, c)
		}
	}
	VZEROUPPER()
	RET()
}

// all emits the bodies, and the choice between them: rows are in k, and the
// flags say whether one vector is wide enough.
func (s *vectors) all() {
	name := func(width int) func(int) string {
		return func(rows int) string { return fmt.Sprintf("tile%dx%d", rows, width*s.bytes/4) }
	}
	MOVQ(arg("Rows"), k)
	CMPQ(arg("Cols"), U8(s.bytes/4))
	JLE(LabelRef("narrow"))
	choose(k, 1, s.rows, name(2))
	Label("narrow")
	choose(k, 1, s.rows, name(1))
	for width := 1; width <= 2; width++ {
		for rows := 1; rows <= s.rows; rows++ {
			s.body(rows, width, name(width)(rows))
		}
	}
}

// maskWidth leaves in k the columns of the last vector.
func maskWidth(lanes int) {
	MOVQ(arg("Cols"), k)
	MOVQ(k, c2)
	SUBQ(U8(lanes), c2)
	CMOVQGT(c2, k)
}

func tile512() {
	TEXT("mul512", NOSPLIT, "func(args *byte)")
	Doc("mul512 computes a tile of up to 14 rows and 32 columns.")
	Pragma("noescape")
	Load(Param("args"), block)
	maskWidth(16)
	MOVL(U32(0xffffffff), outer.As32())
	BZHIL(k.As32(), outer.As32(), outer.As32())
	KMOVW(outer.As32(), K1)
	load()
	s := &vectors{
		bytes: 64, rows: 14, regs: isa.Z[:28], b: [2]VecPhysical{Z28, Z29}, a: Z30,
		zero:  func(v VecPhysical) { VPXORD(v, v, v) },
		load:  func(m Mem, v VecPhysical) { VMOVUPS_Z(m, K1, v) },
		store: func(v VecPhysical, m Mem) { VMOVUPS(v, K1, m) },
		add:   func(m Mem, v VecPhysical) { VADDPS(m, v, K1, v) },
		fma:   func(m Mem, b, acc VecPhysical) { VFMADD231PS_BCST(m, b, acc) },
	}
	s.all()
}

func tile256() {
	TEXT("mul256", NOSPLIT, "func(args *byte)")
	Doc("mul256 computes a tile of up to 6 rows and 16 columns.")
	Pragma("noescape")
	Load(Param("args"), block)
	maskWidth(8)
	mask256(k, Y15)
	load()
	s := &vectors{
		bytes: 32, rows: 6, regs: isa.Y[:12], b: [2]VecPhysical{Y12, Y13}, a: Y14,
		zero:  func(v VecPhysical) { VXORPS(v, v, v) },
		load:  func(m Mem, v VecPhysical) { VMASKMOVPS(m, Y15, v) },
		store: func(v VecPhysical, m Mem) { VMASKMOVPS(v, Y15, m) },
		add: func(m Mem, v VecPhysical) {
			VMASKMOVPS(m, Y15, Y12)
			VADDPS(Y12, v, v)
		},
	}
	s.all()
}

// lanes is eight ones and eight zeros: from the element 8-n on, a mask of n lanes.
var lanes *Mem

// mask256 sets v to a mask of as many lanes as the register says, at most eight.
// It changes the register.
func mask256(count GPPhysical, v VecPhysical) {
	if lanes == nil {
		m := GLOBL("lanes", RODATA|NOPTR)
		for i := range 16 {
			one := U32(0)
			if i < 8 {
				one = 0xffffffff
			}
			DATA(4*i, one)
		}
		lanes = &m
	}
	t := R15
	LEAQ(lanes.Offset(32), t)
	SHLQ(U8(2), count)
	SUBQ(count, t)
	VMOVUPS(Mem{Base: t}, v)
}
