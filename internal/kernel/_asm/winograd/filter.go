package main

import (
	"fmt"
	"slices"

	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The frames of what follows, with up to 30 vectors, are too large for NOSPLIT.

// filter emits U = G g Gᵀ for lanes filters of k x k taps at a time, g rotated by
// half a turn if flipped.
func (s *set) filter(k int, flipped bool) {
	name := "filter"
	if flipped {
		name = "filterFlipped"
	}
	TEXT(s.name(name, k), 0, "func(n int, w *float32, rowStep, next int, u *float32, nextOut, step int)")
	Doc(fmt.Sprintf("%s works like filterGo, for %d filters of %[3]d x %[3]d side by side.", s.name(name, k), s.lanes, k))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	w, rowStep, next := Load(Param("w"), GP64()), elements("rowStep"), elements("next")
	u, nextOut, step := Load(Param("u"), GP64()), elements("nextOut"), elements("step")
	rowStep3 := times3(rowStep)
	s.nineMask()
	Label("loop")
	g := s.loadTaps(k*k, w, rowStep, rowStep3)
	if flipped {
		slices.Reverse(g)
	}
	t := s.t
	// evaluate leaves the polynomial of the coefficients x at a point in plus, and
	// that at the opposite point in minus.
	evaluate := func(x []Op, at, scale float64, plus, minus VecPhysical) {
		coef := powers(at, scale, k)
		VMULPS(s.konst(coef[0]), inRegister(x[0], t[2]), plus)
		for i := 2; i < k; i += 2 {
			VFMADD231PS(s.konst(coef[i]), inRegister(x[i], t[2]), plus)
		}
		VMOVUPS(x[1], t[2])
		if k > 3 {
			VFMADD231PS(s.konst(at*at), inRegister(x[3], t[3]), t[2])
		}
		s.pair(plus, t[2], minus, coef[1])
	}
	for _, pair := range [][2]int{{1, 2}, {3, 4}, {0, 5}} {
		first, second := s.held[:k], s.held[6:6+k]
		for j := range k {
			var x []Op
			for i := range k {
				x = append(x, g[k*i+j])
			}
			switch pair[0] {
			case 0:
				VMOVUPS(x[0], first[j])
				VMOVUPS(x[k-1], second[j])
			case 1:
				evaluate(x, p, atP, first[j], second[j])
			case 3:
				evaluate(x, q, atQ, first[j], second[j])
			}
		}
		for i, m := range [][]VecPhysical{first, second} {
			store := rowStore(u, step, pair[i])
			var x []Op
			for _, r := range m {
				x = append(x, r)
			}
			store(m[0])
			evaluate(x, p, atP, t[0], t[1])
			store(t[0])
			store(t[1])
			evaluate(x, q, atQ, t[0], t[1])
			store(t[0])
			store(t[1])
			store(m[k-1])
		}
	}
	ADDQ(next, w)
	ADDQ(nextOut, u)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// inRegister returns x itself if it is one, or t with its value.
func inRegister(x Op, t VecPhysical) VecPhysical {
	if r, ok := x.(VecPhysical); ok {
		return r
	}
	VMOVUPS(x, t)
	return t
}

// filterGradient emits dg = Gᵀ m G for lanes filters of k x k taps at a time.
func (s *set) filterGradient(k int) {
	TEXT(s.name("filterGradient", k), 0, "func(n int, m *float32, next, step int, w *float32, rowStep, nextOut int)")
	Doc(fmt.Sprintf("%s works like filterGradientGo, for %d filters of %[3]d x %[3]d side by side.", s.name("filterGradient", k), s.lanes, k))
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	m, next, step := Load(Param("m"), GP64()), elements("next"), elements("step")
	w, rowStep, nextOut := Load(Param("w"), GP64()), elements("rowStep"), elements("nextOut")
	rowStep3 := times3(rowStep)
	points := everySixth(step)
	from, col := GP64(), GP64()
	// Those that sums (at most 12) and t leave.
	kept := s.vectors(6*k, 18, append(slices.Clone(isa.Z[16:]), isa.Z[9], isa.Z[10]))
	s.nineMask()
	t := s.t
	// combine leaves Gᵀ x in y.
	combine := func(x func(i int) Op, y []VecPhysical) {
		half := func(plus, minus Op, coef []float64, add bool) {
			VMOVUPS(plus, t[0])
			VMOVUPS(minus, t[1])
			VADDPS(t[1], t[0], t[2])
			VSUBPS(t[1], t[0], t[3])
			for i, f := range coef {
				if add {
					VFMADD231PS(s.konst(f), t[2+i%2], y[i])
				} else {
					VMULPS(s.konst(f), t[2+i%2], y[i])
				}
			}
		}
		half(x(1), x(2), powers(p, atP, k), false)
		half(x(3), x(4), powers(q, atQ, k), true)
		VADDPS(x(0), y[0], y[0])
		VADDPS(x(5), y[k-1], y[k-1])
	}
	Label("loop")
	MOVQ(m, col)
	// Gᵀ m, column by column; then its rows times G.
	for j := range 6 {
		MOVQ(col, from)
		combine(func(i int) Op { return points(from, i) }, s.held[:k])
		for i := range k {
			VMOVUPS(s.held[i], kept[6*i+j])
		}
		if j < 5 {
			ADDQ(step, col)
		}
	}
	var taps []Op
	for i := range k {
		row := kept[6*i : 6*i+6]
		y := s.held[:k]
		if k == 3 {
			y = s.held[3*i : 3*i+3]
		}
		combine(func(j int) Op { return row[j] }, y)
		for j := range k {
			if k == 3 && (s.lanes == 16 || i+j < 4) {
				taps = append(taps, y[j])
			} else { // not enough registers, or wanted in memory
				VMOVUPS(y[j], row[j])
				taps = append(taps, row[j])
			}
		}
	}
	s.storeTaps(taps, w, rowStep, rowStep3)
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
