package main

import (
	"fmt"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// filter emits U = G g Gᵀ for lanes filters at a time, g rotated by half a turn
// if flipped.
func (s *set) filter(flipped bool) {
	name := "filter"
	if flipped {
		name = "filterFlipped"
	}
	TEXT(name+s.suffix, NOSPLIT, "func(n int, w *float32, rowStep, next int, u *float32, nextOut, step int)")
	Doc(fmt.Sprintf("%s%s works like filterGo, for %d filters side by side.", name, s.suffix, s.lanes))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	w, rowStep, next := Load(Param("w"), GP64()), elements("rowStep"), elements("next")
	u, nextOut, step := Load(Param("u"), GP64()), elements("nextOut"), elements("step")
	rowStep3 := times3(rowStep)
	row := GP64()
	var scratch Mem
	if s.lanes == 8 {
		scratch = AllocLocal(9 * 32)
	}
	s.nineMask()
	Label("loop")
	MOVQ(w, row)
	g := s.loadNine(row, rowStep, rowStep3, scratch)
	if flipped {
		for i := range 4 {
			g[i], g[8-i] = g[8-i], g[i]
		}
	}
	t := s.t
	three := func(x [3]Op, coef [3]float64, plus, minus VecPhysical) {
		if s.lanes == 8 {
			VMOVUPS(x[0], t[2])
			x[0] = t[2]
		}
		VMULPS(s.konst(coef[0]), x[0].(VecPhysical), plus)
		VMOVUPS(x[2], t[2])
		VFMADD231PS(s.konst(coef[2]), t[2], plus)
		VMOVUPS(x[1], t[2])
		s.pair(plus, t[2], minus, coef[1])
	}
	forP := [3]float64{atP, p * atP, a * atP}
	forQ := [3]float64{atQ, q * atQ, b * atQ}
	for _, pair := range [][2]int{{1, 2}, {3, 4}, {0, 5}} {
		first, second := s.held[:3], s.held[3:6]
		for j := range 3 {
			x := [3]Op{g[j], g[3+j], g[6+j]}
			switch pair[0] {
			case 0:
				VMOVUPS(x[0], first[j])
				VMOVUPS(x[2], second[j])
			case 1:
				three(x, forP, first[j], second[j])
			case 3:
				three(x, forQ, first[j], second[j])
			}
		}
		for i, m := range [][]VecPhysical{first, second} {
			store := rowStore(u, step, pair[i])
			x := [3]Op{m[0], m[1], m[2]}
			store(m[0])
			for _, coef := range [][3]float64{forP, forQ} {
				three(x, coef, t[0], t[1])
				store(t[0])
				store(t[1])
			}
			store(m[2])
		}
	}
	ADDQ(next, w)
	ADDQ(nextOut, u)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// filterGradient emits dg = Gᵀ m G for lanes filters at a time.
func (s *set) filterGradient() {
	TEXT("filterGradient"+s.suffix, NOSPLIT, "func(n int, m *float32, next, step int, w *float32, rowStep, nextOut int)")
	Doc(fmt.Sprintf("filterGradient%s works like filterGradientGo, for %d filters side by side.", s.suffix, s.lanes))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	m, next, step := Load(Param("m"), GP64()), elements("next"), elements("step")
	w, rowStep, nextOut := Load(Param("w"), GP64()), elements("rowStep"), elements("nextOut")
	rowStep3 := times3(rowStep)
	points := everySixth(step)
	from, col := GP64(), GP64()
	var kept []Op // 18 vectors
	for i := range 16 {
		kept = append(kept, isa.Z[16+i])
	}
	kept = append(kept, isa.Z[9], isa.Z[10])
	var scratch Mem
	if s.lanes == 8 {
		scratch = AllocLocal(18 * 32)
		for i := range kept {
			kept[i] = scratch.Offset(32 * i)
		}
	}
	s.nineMask()
	t := s.t
	// combine leaves Gᵀ x in y.
	combine := func(x func(i int) Op, y []VecPhysical) {
		VMOVUPS(x(1), t[0])
		VMOVUPS(x(2), t[1])
		VADDPS(t[1], t[0], t[2])
		VSUBPS(t[1], t[0], t[3])
		VMULPS(s.konst(atP), t[2], y[0])
		VMULPS(s.konst(p*atP), t[3], y[1])
		VMULPS(s.konst(a*atP), t[2], y[2])
		VMOVUPS(x(3), t[0])
		VMOVUPS(x(4), t[1])
		VADDPS(t[1], t[0], t[2])
		VSUBPS(t[1], t[0], t[3])
		VFMADD231PS(s.konst(atQ), t[2], y[0])
		VFMADD231PS(s.konst(q*atQ), t[3], y[1])
		VFMADD231PS(s.konst(b*atQ), t[2], y[2])
		VMOVUPS(x(0), t[0])
		VADDPS(t[0], y[0], y[0])
		VMOVUPS(x(5), t[0])
		VADDPS(t[0], y[2], y[2])
	}
	Label("loop")
	MOVQ(m, col)
	// Gᵀ m, column by column, in scratch; then its rows times G.
	for j := range 6 {
		MOVQ(col, from)
		combine(func(i int) Op { return points(from, i) }, s.held[:3])
		for i := range 3 {
			VMOVUPS(s.held[i], kept[6*i+j])
		}
		if j < 5 {
			ADDQ(step, col)
		}
	}
	var nine []VecPhysical
	for i := range 3 {
		y := s.held[3*i : 3*i+3]
		combine(func(j int) Op { return kept[6*i+j] }, y)
		nine = append(nine, y...)
	}
	MOVQ(w, from)
	s.storeNine(nine, from, rowStep, rowStep3, scratch)
	ADDQ(next, m)
	ADDQ(nextOut, w)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// sum emits the adding of one slice to another.
func (s *set) sum() {
	TEXT("add"+s.suffix, NOSPLIT, "func(n int, dst, src *float32)")
	Doc(fmt.Sprintf("add%s adds src to dst, n being a multiple of 16.", s.suffix))
	Pragma("noescape")
	n, dst, src := Load(Param("n"), GP64()), Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	Label("loop")
	for i := 0; i < 16; i += s.lanes {
		VMOVUPS(Mem{Base: dst, Disp: 4 * i}, s.t[0])
		VADDPS(Mem{Base: src, Disp: 4 * i}, s.t[0], s.t[0])
		VMOVUPS(s.t[0], Mem{Base: dst, Disp: 4 * i})
	}
	ADDQ(U8(64), dst)
	ADDQ(U8(64), src)
	SUBQ(U8(16), n)
	JG(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
