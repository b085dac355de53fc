// Command tile generates the matrix-product tile and the packing around it.
package main

import (
	"reflect"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// args has the layout of tile.Args; a test there compares the offsets.
type args struct {
	A, B, C, Bias       uintptr
	Outer, Depth        int64
	AStep, ADelta       int64
	BStep, BDelta       int64
	CStep               int64
	Rows, Cols          int64
	InPlace, Acc, Clamp bool
	Ahead               uintptr
}

// arg is a field of the argument block.
func arg(name string) Mem {
	f, ok := reflect.TypeFor[args]().FieldByName(name)
	if !ok {
		panic(name)
	}
	return Mem{Base: block, Disp: int(f.Offset)}
}

// General registers have fixed parts, since all tiles share one prologue. A row
// of A lies at low or high plus an odd multiple of the row stride, scaled by the
// addressing: seven rows from each pointer.
var (
	block     = RDI
	low, high = RSI, R8
	stride    = R9
	stride3   = R10
	stride5   = R11
	next      = R12 // from one k of A to the next
	b, bNext  = RBX, RDX
	k, outer  = RCX, RAX
	c, cNext  = R13, R9 // cNext after the loops: stride is free then
	c2        = R10
	spare     = R15

	// In the loops, where C is not needed.
	ahead, aheadNext = R15, R13
)

// aRow is the address of row i of A.
func aRow(i int) Mem {
	m := Mem{Base: low}
	if i >= 7 {
		m.Base = high
	}
	switch i % 7 {
	case 1, 2, 4:
		m.Index, m.Scale = stride, uint8(i%7)
	case 3, 6:
		m.Index, m.Scale = stride3, uint8(i%7/3)
	case 5:
		m.Index, m.Scale = stride5, 1
	}
	return m
}

// load fetches the arguments.
func load() {
	Load(Param("args"), block)
	MOVQ(arg("A"), low)
	MOVQ(arg("B"), b)
	MOVQ(arg("C"), c)
	MOVQ(arg("AStep"), stride)
	MOVQ(arg("BStep"), bNext)
	MOVQ(arg("Outer"), outer)
	MOVL(U32(4), next.As32())
	CMPB(arg("InPlace"), U8(0))
	JNE(LabelRef("strides"))
	XCHGQ(stride, next)
	Label("strides")
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, stride5)
	LEAQ(Mem{Base: low, Index: stride3, Scale: 2}, high)
	ADDQ(stride, high)
}

// choose jumps to the label of the number in r, which is one of lo..hi.
func choose(r Register, lo, hi int, label func(int) string) {
	if lo == hi {
		JMP(LabelRef(label(lo)))
		return
	}
	mid := (lo + hi + 1) / 2
	CMPQ(r, U8(mid))
	right := label(mid) + "up"
	JGE(LabelRef(right))
	choose(r, lo, mid-1, label)
	Label(right)
	choose(r, mid, hi, label)
}

func main() {
	isa.Tags()
	tile512()
	tile256()
	transpose512()
	copy512()
	transpose256()
	copy256()
	Generate()
}
