// Command depthwise generates the loops over the taps of depthwise convolutions.
package main

import (
	"fmt"
	"reflect"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// args has the layout of depthwise.Args; a test there compares the offsets.
type args struct {
	X, W, Y, Bias uintptr
	Taps          uintptr
	Count         int64
	Points        int64
	XStep, YStep  int64
	Channels      int64
	ReLU          bool
	done          int64
}

// arg is a field of the argument block.
func arg(name string) Mem {
	f, ok := reflect.TypeFor[args]().FieldByName(name)
	if !ok {
		panic(name)
	}
	return Mem{Base: block, Disp: int(f.Offset)}
}

var (
	block          = RDI
	x, y, w        = RSI, R8, RBX
	points         = R13
	xStep          = R9
	taps, count    = RDX, RCX
	q, q3, q6      = R10, R11, R12 // points 0, 3 and 6 as a tap sees them
	spare, another = RAX, R15
)

// A variant emits loads, stores and products of vectors of one kind.
type variant struct {
	bytes int
	reg   []VecPhysical
	zero  func(v VecPhysical)
	load  func(m Mem, v VecPhysical)
	store func(v VecPhysical, m Mem)
	fma   func(m Mem, b, acc VecPhysical)
}

const (
	mostPoints = 8
	mostTaps   = 9
)

// channels emits the loop over vectors of channels; body is what handles one, for
// which the label name+"next" is where it ends.
func (s *variant) channels(name string, body func()) {
	Label(name)
	MOVQ(arg("done"), spare)
	for i, r := range []Register{x, w, y} {
		MOVQ(arg([]string{"X", "W", "Y"}[i]), r)
		ADDQ(spare, r)
	}
	MOVQ(arg("XStep"), xStep)
	body()
	Label(name + "next")
	ADDQ(I32(s.bytes), arg("done"))
	SUBQ(I32(s.bytes/4), arg("Channels"))
}

// sums emits the loop over points: y = bias + Σ w·x.
func (s *variant) sums(name string) {
	MOVQ(arg("Points"), points)
	Label(name + "points")
	for p := mostPoints; p > 1; p-- {
		CMPQ(points, U8(p))
		JGE(LabelRef(fmt.Sprint(name, p)))
	}
	for p := 1; p <= mostPoints; p++ {
		s.sum(fmt.Sprint(name, p), p)
		SUBQ(U8(p), points)
		JG(LabelRef(name + "points"))
		JMP(LabelRef(name + "next"))
	}
}

func (s *variant) sum(name string, n int) {
	acc, weight := s.reg[:n], s.reg[mostPoints]
	Label(name)
	MOVQ(arg("Bias"), spare)
	TESTQ(spare, spare)
	JZ(LabelRef(name + "zero"))
	ADDQ(arg("done"), spare)
	s.load(Mem{Base: spare}, acc[0])
	for _, v := range acc[1:] {
		VMOVAPS(acc[0], v)
	}
	JMP(LabelRef(name + "start"))
	Label(name + "zero")
	for _, v := range acc {
		s.zero(v)
	}
	Label(name + "start")
	MOVQ(arg("Taps"), taps)
	MOVQ(arg("Count"), count)
	TESTQ(count, count)
	JZ(LabelRef(name + "end"))
	Label(name + "tap")
	MOVQ(Mem{Base: taps}, q)
	MOVQ(Mem{Base: taps, Disp: 8}, spare)
	ADDQ(x, q)
	if n > 3 {
		LEAQ(Mem{Base: q, Index: xStep, Scale: 2}, q3)
		ADDQ(xStep, q3)
	}
	if n > 6 {
		LEAQ(Mem{Base: q3, Index: xStep, Scale: 2}, q6)
		ADDQ(xStep, q6)
	}
	s.load(Mem{Base: w, Index: spare, Scale: 1}, weight)
	for i, v := range acc {
		m := Mem{Base: []Register{q, q3, q6}[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = xStep, uint8(i%3)
		}
		s.fma(m, weight, v)
	}
	ADDQ(U8(16), taps)
	DECQ(count)
	JNZ(LabelRef(name + "tap"))
	Label(name + "end")
	CMPB(arg("ReLU"), I8(0))
	JEQ(LabelRef(name + "store"))
	s.zero(weight)
	for _, v := range acc {
		VMAXPS(v, weight, v) // in this order NaN stays NaN
	}
	Label(name + "store")
	for _, v := range acc {
		s.store(v, Mem{Base: y})
		ADDQ(arg("YStep"), y)
	}
	IMUL3Q(U8(n), xStep, spare)
	ADDQ(spare, x)
}

// gradients emits the loop over taps: w = w + Σ over points of x·y.
func (s *variant) gradients(name string) {
	MOVQ(arg("Taps"), taps)
	MOVQ(arg("Count"), count)
	Label(name + "taps")
	for n := mostTaps; n > 0; n-- {
		CMPQ(count, U8(n))
		JGE(LabelRef(fmt.Sprint(name, n)))
	}
	JMP(LabelRef(name + "next"))
	for n := 1; n <= mostTaps; n++ {
		s.gradient(fmt.Sprint(name, n), n)
		ADDQ(U8(16*n), taps)
		SUBQ(U8(n), count)
		JMP(LabelRef(name + "taps"))
	}
}

func (s *variant) gradient(name string, n int) {
	acc, dy := s.reg[:n], s.reg[mostTaps]
	Label(name)
	for i, v := range acc {
		MOVQ(Mem{Base: taps, Disp: 16*i + 8}, spare)
		s.load(Mem{Base: w, Index: spare, Scale: 1}, v)
	}
	MOVQ(x, q)
	MOVQ(y, q3)
	MOVQ(arg("Points"), points)
	Label(name + "point")
	s.load(Mem{Base: q3}, dy)
	for i, v := range acc {
		r := []GPPhysical{spare, another}[i%2]
		MOVQ(Mem{Base: taps, Disp: 16 * i}, r)
		s.fma(Mem{Base: q, Index: r, Scale: 1}, dy, v)
	}
	ADDQ(xStep, q)
	ADDQ(arg("YStep"), q3)
	DECQ(points)
	JNZ(LabelRef(name + "point"))
	for i, v := range acc {
		MOVQ(Mem{Base: taps, Disp: 16*i + 8}, spare)
		s.store(v, Mem{Base: w, Index: spare, Scale: 1})
	}
}

func begin(name, doc string) {
	TEXT(name, NOSPLIT, "func(args *byte)")
	Doc(doc)
	Pragma("noescape")
	Load(Param("args"), block)
}

// level512 uses the mask K1 everywhere.
func level512(name, doc string, body func(*variant, string)) {
	s := &variant{
		bytes: 64, reg: isa.Z,
		zero:  func(v VecPhysical) { VPXORD(v, v, v) },
		load:  func(m Mem, v VecPhysical) { VMOVUPS_Z(m, K1, v) },
		store: func(v VecPhysical, m Mem) { VMOVUPS(v, K1, m) },
		fma:   func(m Mem, b, acc VecPhysical) { VFMADD231PS(m, b, K1, acc) },
	}
	begin(name, doc)
	Label("start")
	MOVQ(arg("Channels"), spare)
	TESTQ(spare, spare)
	JLE(LabelRef("return"))
	MOVL(U32(0xffffffff), another.As32())
	BZHIL(spare.As32(), another.As32(), another.As32())
	CMPQ(spare, U8(16))
	JLE(LabelRef("mask"))
	MOVL(U32(0xffffffff), another.As32())
	Label("mask")
	KMOVW(another.As32(), K1)
	s.channels("all", func() { body(s, "all") })
	JMP(LabelRef("start"))
	Label("return")
	VZEROUPPER()
	RET()
}

// level256 has masks only where fewer than eight channels are left.
func level256(name, doc string, lanes Mem, body func(*variant, string)) {
	full := &variant{
		bytes: 32, reg: isa.Y,
		zero:  func(v VecPhysical) { VXORPS(v, v, v) },
		load:  func(m Mem, v VecPhysical) { VMOVUPS(m, v) },
		store: func(v VecPhysical, m Mem) { VMOVUPS(v, m) },
		fma:   func(m Mem, b, acc VecPhysical) { VFMADD231PS(m, b, acc) },
	}
	part := *full
	part.load = func(m Mem, v VecPhysical) { VMASKMOVPS(m, Y15, v) }
	part.store = func(v VecPhysical, m Mem) { VMASKMOVPS(v, Y15, m) }
	part.fma = func(m Mem, b, acc VecPhysical) {
		VMASKMOVPS(m, Y15, Y14)
		VFMADD231PS(Y14, b, acc)
	}
	begin(name, doc)
	Label("start")
	MOVQ(arg("Channels"), spare)
	TESTQ(spare, spare)
	JLE(LabelRef("return"))
	CMPQ(spare, U8(8))
	JLT(LabelRef("rest"))
	full.channels("full", func() { body(full, "full") })
	JMP(LabelRef("start"))
	Label("rest")
	LEAQ(lanes.Offset(32), another)
	SHLQ(U8(2), spare)
	SUBQ(spare, another)
	VMOVUPS(Mem{Base: another}, Y15)
	part.channels("part", func() { body(&part, "part") })
	Label("return")
	VZEROUPPER()
	RET()
}

// maskTable is eight ones and eight zeros: from the element 8-n on, a mask of n
// lanes.
func maskTable() Mem {
	m := GLOBL("lanes", RODATA|NOPTR)
	for i := range 16 {
		one := U32(0)
		if i < 8 {
			one = 0xffffffff
		}
		DATA(4*i, one)
	}
	return m
}

func main() {
	isa.Tags()
	lanes := maskTable()
	level512("sums512", "sums512 works like sumsGo.", (*variant).sums)
	level512("gradients512", "gradients512 works like gradientsGo.", (*variant).gradients)
	level256("sums256", "sums256 works like sumsGo.", lanes, (*variant).sums)
	level256("gradients256", "gradients256 works like gradientsGo.", lanes, (*variant).gradients)
	Generate()
}
