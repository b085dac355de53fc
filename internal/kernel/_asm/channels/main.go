// Command channels generates the kernels of package channels.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"
)

func main() {
	isa.Tags()
	for _, v := range []vectors{{"512", 16, isa.Z}, {"256", 8, isa.Y}} {
		v.columns()
		v.rows()
		v.pools()
		v.fused()
		v.shares()
		v.ranks()
	}
	Generate()
}

// vectors is an instruction set. Kernels are written once for both.
type vectors struct {
	name  string // suffix of functions
	lanes int
	r     []VecPhysical
}

func (v vectors) wide() bool { return v.lanes == 16 }

func (v vectors) bytes() int { return 4 * v.lanes }

// text starts a function.
func (v vectors) text(name, signature, doc string) {
	TEXT(name+v.name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(name + v.name + " " + doc)
}

func (v vectors) end() {
	VZEROUPPER()
	RET()
}

func (v vectors) zero(r VecPhysical) { VXORPS(r, r, r) }

// A mask covers the lanes of a vector that the last, short one has. A nil mask
// covers all.
type mask struct {
	k Register    // with AVX-512
	y VecPhysical // with AVX2
}

// tail sets a mask to n%lanes lanes. With AVX2 it takes the register y for good.
func (v vectors) tail(n Register, y VecPhysical) *mask {
	rest := GP64()
	MOVQ(n, rest)
	ANDQ(I8(v.lanes-1), rest)
	if v.wide() {
		bits := GP32()
		MOVL(I32(-1), bits)
		BZHIL(rest.As32(), bits, bits)
		KMOVW(bits, K1)
		return &mask{k: K1}
	}
	table := GP64()
	LEAQ(v.lanesTable(), table)
	NEGQ(rest)
	VMOVUPS(Mem{Base: table, Index: rest, Scale: 4, Disp: 32}, y)
	return &mask{y: y}
}

var lanesTable *Mem

// lanesTable is eight ones and eight zeros: the mask of n lanes starts 8-n in.
func (v vectors) lanesTable() Mem {
	if lanesTable == nil {
		m := GLOBL("lanes", RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(uint32(int32(i/8-1))))
		}
		lanesTable = &m
	}
	return *lanesTable
}

// load reads a vector; what the mask leaves out is 0.
func (v vectors) load(from Mem, m *mask, to VecPhysical) {
	switch {
	case m == nil:
		VMOVUPS(from, to)
	case v.wide():
		VMOVUPS_Z(from, m.k, to)
	default:
		VMASKMOVPS(from, m.y, to)
	}
}

func (v vectors) store(from VecPhysical, m *mask, to Mem) {
	switch {
	case m == nil:
		VMOVUPS(from, to)
	case v.wide():
		VMOVUPS(from, m.k, to)
	default:
		VMASKMOVPS(from, m.y, to)
	}
}

// clip sets the lanes that the mask leaves out to 0.
func (v vectors) clip(m *mask, r VecPhysical) {
	switch {
	case m == nil:
	case v.wide():
		VMOVAPS_Z(r, m.k, r)
	default:
		VANDPS(r, m.y, r)
	}
}

// where keeps the lanes of d in which y > 0 or y is NaN and sets the others to 0.
// It overwrites y.
func (v vectors) where(y, zero, d VecPhysical) {
	const notLessOrEqual = 0x16 // quiet
	if v.wide() {
		VCMPPS(U8(notLessOrEqual), zero, y, K2)
		VMOVAPS_Z(d, K2, d)
		return
	}
	VCMPPS(U8(notLessOrEqual), zero, y, y)
	VANDPS(y, d, d)
}

// relu keeps NaN: with one in either place, MAXPS gives its last source, which
// stands first here.
func (v vectors) relu(zero, y VecPhysical) { VMAXPS(y, zero, y) }

// scalar sets all lanes to a parameter.
func (v vectors) scalar(name string, to VecPhysical) {
	p, _ := Param(name).Resolve()
	VBROADCASTSS(p.Addr, to)
}

// horizontal leaves the sum of all lanes of r in its first one. It needs a
// register to work with.
func (v vectors) horizontal(r, t VecPhysical) {
	if v.wide() {
		VEXTRACTF64X4(U8(1), r, t.(Vec).AsY())
		VADDPS(t.(Vec).AsY(), r.(Vec).AsY(), r.(Vec).AsY())
	}
	x, tx := r.(Vec).AsX(), t.(Vec).AsX()
	VEXTRACTF128(U8(1), r.(Vec).AsY(), tx)
	VADDPS(tx, x, x)
	VPERMILPS(U8(0b1110), x, tx)
	VADDPS(tx, x, x)
	VPERMILPS(U8(0b0001), x, tx)
	VADDPS(tx, x, x)
}

// A span walks over the n elements of a row: vectors of four at a time, vectors,
// and the rest under a mask.
type span struct {
	v         vectors
	off       GPVirtual // of the vector, in bytes
	four, one GPVirtual // where loops end
	bytes     GPVirtual
	mask      *mask
	unroll    int
}

// span prepares to walk over n elements.
func (v vectors) span(n GPVirtual, unroll int, m *mask) *span {
	s := &span{v: v, off: GP64(), four: GP64(), one: GP64(), bytes: GP64(), mask: m, unroll: unroll}
	MOVQ(n, s.bytes)
	SHLQ(U8(2), s.bytes)
	MOVQ(s.bytes, s.one)
	ANDQ(I32(-v.bytes()), s.one)
	if unroll > 1 {
		MOVQ(s.bytes, s.four)
		ANDQ(I32(-v.bytes()*unroll), s.four)
	}
	return s
}

// each emits the loops; body handles count vectors from off on. Registers that
// bodies use for several vectors are theirs to choose.
func (s *span) each(label string, body func(count int, m *mask)) {
	step := s.v.bytes()
	XORQ(s.off, s.off)
	if s.unroll > 1 {
		Label(label + "_four")
		CMPQ(s.off, s.four)
		JGE(LabelRef(label + "_one"))
		body(s.unroll, nil)
		ADDQ(I32(step*s.unroll), s.off)
		JMP(LabelRef(label + "_four"))
	}
	Label(label + "_one")
	CMPQ(s.off, s.one)
	JGE(LabelRef(label + "_rest"))
	body(1, nil)
	ADDQ(I32(step), s.off)
	JMP(LabelRef(label + "_one"))
	Label(label + "_rest")
	CMPQ(s.off, s.bytes)
	JGE(LabelRef(label + "_done"))
	body(1, s.mask)
	Label(label + "_done")
}

// at is vector j from off on in the row that starts at base.
func (s *span) at(base Register, j int) Mem {
	return Mem{Base: base, Index: s.off, Scale: 1, Disp: j * s.v.bytes()}
}

// args loads pointer and integer arguments.
func args(names ...string) []GPVirtual {
	var out []GPVirtual
	for _, n := range names {
		out = append(out, Load(Param(n), GP64()).(GPVirtual))
	}
	return out
}
