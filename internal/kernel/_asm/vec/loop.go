package main

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A loop goes through n elements of slices in step, with a masked vector at the
// end. Its function has the arguments
//
//	n int, outs, ins *float32, acc *float64 or *float32, scalars
//
// A slice that is read and written is named in both lists. Accumulators are
// vectors in memory at acc, to which the loop adds.
type loop struct {
	name, doc string
	note      string  // a further sentence for Go's side
	in        lanesOf // what the elements are computed in
	outs, ins []string
	scalars   []string // of the type that the elements are computed in
	// unroll is the number of vectors an iteration, each with an accumulator of
	// its own; 0 is 1.
	unroll     int
	accumulate bool

	// prepare emits what precedes the loop and returns the body. The body gets
	// the inputs and, in a masked vector, the mask of the lanes that count, and
	// returns the outputs, then, where there is one, the new accumulator.
	prepare func(l level, scalars []Op) body
}

type body func(in []Register, acc Register, mask Register) []Register

// simple makes a body of a function of inputs alone.
func simple(f func(in []Register) Register) body {
	return func(in []Register, _, _ Register) []Register { return []Register{f(in)} }
}

func (s loop) emit(l level) {
	names := slices.Clone(s.outs)
	for _, in := range s.ins {
		if !slices.Contains(names, in) {
			names = append(names, in)
		}
	}
	signature := "func(n int, " + strings.Join(names, ", ") + " *float32"
	if s.accumulate {
		signature += fmt.Sprintf(", acc *float%d", s.in)
	}
	if len(s.scalars) > 0 {
		signature += ", " + strings.Join(s.scalars, ", ") + fmt.Sprintf(" float%d", s.in)
	}
	TEXT(l.name(s.name), NOSPLIT, signature+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s %s, for n elements in lanes of %d bits.", l.name(s.name), s.doc, s.in))

	n := Load(Param("n"), GP64())
	ptr := map[string]Register{}
	for _, name := range names {
		ptr[name] = Load(Param(name), GP64())
	}
	scalars := make([]Op, len(s.scalars))
	var kept Mem
	spill := !l.wide() && len(scalars) > fewScalars
	if spill {
		kept = AllocLocal(len(scalars) * l.bytes())
	}
	for i, name := range s.scalars {
		p, _ := Param(name).Resolve()
		v := l.op(s.in.pick(broadcastSS, broadcastSD), p.Addr)
		scalars[i] = v
		if spill {
			VMOVUPS(v, kept.Offset(i*l.bytes()))
			scalars[i] = kept.Offset(i * l.bytes())
		}
	}
	unroll := max(1, s.unroll)
	acc := make([]Register, unroll)
	var accPtr Register
	if s.accumulate {
		accPtr = Load(Param("acc"), GP64())
		for i := range acc {
			acc[i] = l.op(loadUPS, Mem{Base: accPtr, Disp: i * l.bytes()})
		}
	}
	compute := s.prepare(l, scalars)
	lanes := l.bits / int(s.in)
	step := 4 * lanes // bytes an element group takes in memory

	vector := func(u int, mask Register) {
		in := make([]Register, len(s.ins))
		for i, name := range s.ins {
			in[i] = s.load(l, Mem{Base: ptr[name], Disp: u * step}, mask)
		}
		out := compute(in, acc[u], s.widen(l, mask))
		for i, name := range s.outs {
			s.store(l, out[i], Mem{Base: ptr[name], Disp: u * step}, mask)
		}
		if s.accumulate && out[len(out)-1] != acc[u] {
			VMOVUPS(out[len(out)-1], acc[u])
		}
	}
	group := func(label string, count int) {
		Label(label)
		SUBQ(I32(count*lanes), n)
		JL(LabelRef(label + "End"))
		for u := range count {
			vector(u, nil)
		}
		for _, name := range names {
			ADDQ(I32(count*step), ptr[name])
		}
		JMP(LabelRef(label))
		Label(label + "End")
		ADDQ(I32(count*lanes), n)
	}
	if unroll > 1 {
		group("group", unroll)
	}
	group("single", 1)
	TESTQ(n, n)
	JZ(LabelRef("done"))
	vector(0, tailMask(l, n))
	Label("done")
	if s.accumulate {
		for i := range acc {
			VMOVUPS(acc[i], Mem{Base: accPtr, Disp: i * l.bytes()})
		}
	}
	VZEROUPPER()
	RET()
}

// fewScalars is how many scalars the narrow level keeps in registers; more lie in
// memory.
const fewScalars = 2

func broadcastSS(o ...Op) { VBROADCASTSS(o...) }
func broadcastSD(o ...Op) { VBROADCASTSD(o...) }
func loadUPS(o ...Op)     { VMOVUPS(o...) }

// tailMask returns the mask of the first n lanes, of 32 bits each in a vector.
func tailMask(l level, n Register) Register {
	if l.wide() {
		t, k := GP64(), K()
		MOVQ(I32(-1), t)
		BZHIQ(n, t, t)
		KMOVW(t.As32(), k)
		return k
	}
	table := constant("firstLanes", 64, func() {
		for i := range 8 {
			DATA(4*i, U32(1<<32-1))
		}
		for i := range 8 {
			DATA(32+4*i, U32(0))
		}
	})
	at, back, m := GP64(), GP64(), YMM()
	LEAQ(table.Offset(32), at)
	MOVQ(n, back)
	NEGQ(back)
	VMOVUPS(Mem{Base: at, Index: back, Scale: 4}, m)
	return m
}

// widen makes a mask of the lanes that the loop computes in.
func (s loop) widen(l level, mask Register) Register {
	if mask == nil || l.wide() || s.in == f32 {
		return mask
	}
	m := YMM()
	VPMOVSXDQ(mask.(Vec).AsX(), m)
	return m
}

func (s loop) load(l level, m Mem, mask Register) Register {
	y := l.vec()
	switch {
	case s.in == f32 && mask == nil:
		VMOVUPS(m, y)
	case s.in == f32 && l.wide():
		VMOVUPS_Z(m, mask, y)
	case s.in == f32:
		VMASKMOVPS(m, mask, y)
	case mask == nil:
		VCVTPS2PD(m, y)
	case l.wide():
		VCVTPS2PD_Z(m, mask, y)
	default:
		x := XMM()
		VMASKMOVPS(m, mask.(Vec).AsX(), x)
		VCVTPS2PD(x, y)
	}
	return y
}

func (s loop) store(l level, y Register, m Mem, mask Register) {
	if s.in == f64 {
		x := l.half()
		if l.wide() {
			VCVTPD2PS(y, x)
		} else {
			VCVTPD2PSY(y, x)
			if mask != nil {
				mask = mask.(Vec).AsX()
			}
		}
		y = x
	}
	switch {
	case mask == nil:
		VMOVUPS(y, m)
	case l.wide():
		VMOVUPS(y, mask, m)
	default:
		VMASKMOVPS(y, mask, m)
	}
}
