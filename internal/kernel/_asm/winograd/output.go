package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// output emits y = max(low, Aᵀ m A + bias), of which rows and cols are stored, for
// filters of k x k taps.
func (s *set) output(k int) {
	side := 7 - k
	TEXT(s.name("output", k), NOSPLIT, "func(c int, m *float32, step int, bias *float32, low float32, y *float32, rowStep, pixelStep int, rows, cols uint64)")
	Doc(fmt.Sprintf("%s works like outputGo for %[3]d x %[3]d pixels, %[2]d channels at a time.", s.name("output", k), s.lanes, side))
	Pragma("noescape")
	left := Load(Param("c"), GP64())
	m := Load(Param("m"), GP64())
	step := elements("step")
	points := everySixth(step)
	bias := Load(Param("bias"), GP64())
	y := Load(Param("y"), GP64())
	rowStep := elements("rowStep")
	pixel := elements("pixelStep")
	pixel3 := times3(pixel)
	cols := Load(Param("cols"), GP64())
	from, to := GP64(), GP64()
	low, err := Param("low").Resolve()
	if err != nil {
		panic(err)
	}
	rows, err := Param("rows").Resolve()
	if err != nil {
		panic(err)
	}
	point := func(i int) Mem { return points(from, i) }
	pixelAt := func(j int) Mem {
		at := Mem{Base: to}
		switch j {
		case 1, 2:
			at.Index, at.Scale = pixel, uint8(j)
		case 3:
			at.Index, at.Scale = pixel3, 1
		}
		return at
	}
	t := s.t
	atP, atQ := powers(p, 1, side), powers(q, 1, side)
	s.keep(s, append(atP[1:], atQ[1:]...)...)
	// sum leaves number i of the sums of 6 in x, from those (i even) or the
	// differences of its pairs of points, in t[0] and t[1].
	sum := func(i int, first, last Op, x VecPhysical) {
		switch i {
		case 0:
			VADDPS(first, t[0], x)
			VADDPS(t[1], x, x)
			return
		case side - 1:
			VMOVUPS(last, x)
			VFMADD231PS(s.konst(atP[i]), t[0], x)
		default:
			VMULPS(s.konst(atP[i]), t[0], x)
		}
		VFMADD231PS(s.konst(atQ[i]), t[1], x)
	}
	row := func(m []VecPhysical, i int) {
		skip := fmt.Sprint("row", i+1)
		if s.masked {
			skip += "part"
		}
		BTQ(U8(i), rows.Addr)
		JCC(LabelRef(skip))
		MOVQ(y, to)
		for range i {
			ADDQ(rowStep, to)
		}
		for even := range 2 {
			if even == 0 {
				VADDPS(m[1], m[2], t[0])
				VADDPS(m[3], m[4], t[1])
			} else {
				VSUBPS(m[2], m[1], t[0])
				VSUBPS(m[4], m[3], t[1])
			}
			for j := even; j < side; j += 2 {
				sum(j, m[0], m[5], t[2])
				VADDPS(Mem{Base: bias}, t[2], t[2])
				VBROADCASTSS(low.Addr, t[3])
				VMAXPS(t[2], t[3], t[2]) // in this order NaN stays NaN
				s.store(j, t[2], pixelAt(j))
			}
		}
		Label(skip)
	}
	s.each(side, cols, left, func() {
		// The 12 registers hold two rows of Aᵀ m.
		first, second := s.held[:6], s.held[6:12]
		if side == 2 {
			MOVQ(m, from)
			for j := range 6 {
				for i, r := range []VecPhysical{t[0], t[2], t[1], t[3]} {
					VMOVUPS(point(1+i), r)
				}
				x := first[j]
				VADDPS(point(0), t[0], x)
				VADDPS(t[2], x, x)
				VADDPS(t[1], x, x)
				VADDPS(t[3], x, x)
				VSUBPS(t[2], t[0], t[0])
				VSUBPS(t[3], t[1], t[1])
				sum(1, nil, point(5), second[j])
				if j < 5 {
					ADDQ(step, from)
				}
			}
			row(first, 0)
			row(second, 1)
			return
		}
		for even := range 2 {
			MOVQ(m, from)
			for j := range 6 {
				VMOVUPS(point(1), t[0])
				VMOVUPS(point(3), t[1])
				if even == 0 {
					VADDPS(point(2), t[0], t[0])
					VADDPS(point(4), t[1], t[1])
				} else {
					VSUBPS(point(2), t[0], t[0])
					VSUBPS(point(4), t[1], t[1])
				}
				sum(even, point(0), point(5), first[j])
				sum(even+2, point(0), point(5), second[j])
				if j < 5 {
					ADDQ(step, from)
				}
			}
			row(first, even)
			row(second, even+2)
		}
	}, func() {
		for _, r := range []Register{m, bias, y} {
			ADDQ(U8(4*s.lanes), r)
		}
	})
}
