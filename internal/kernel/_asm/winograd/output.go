package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// output emits y = max(low, Aᵀ m A + bias), of which rows and cols are stored.
func (s *set) output() {
	TEXT("output"+s.suffix, NOSPLIT, "func(c int, m *float32, step int, bias *float32, low float32, y *float32, rowStep, pixelStep int, rows, cols uint64)")
	Doc(fmt.Sprintf("output%s works like outputGo, %d channels at a time.", s.suffix, s.lanes))
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
	s.keep(s, a, b, p, q, p*p*p, q*q*q)
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
		finish := func(j int) {
			VADDPS(Mem{Base: bias}, t[2], t[2])
			VBROADCASTSS(low.Addr, t[3])
			VMAXPS(t[2], t[3], t[2]) // in this order NaN stays NaN
			s.store(j, t[2], pixelAt(j))
		}
		VADDPS(m[1], m[2], t[0])
		VADDPS(m[3], m[4], t[1])
		VADDPS(m[0], t[0], t[2])
		VADDPS(t[1], t[2], t[2])
		finish(0)
		VMULPS(s.konst(a), t[0], t[2])
		VFMADD231PS(s.konst(b), t[1], t[2])
		finish(2)
		VSUBPS(m[2], m[1], t[0])
		VSUBPS(m[4], m[3], t[1])
		VMULPS(s.konst(p), t[0], t[2])
		VFMADD231PS(s.konst(q), t[1], t[2])
		finish(1)
		VMOVAPS(m[5], t[2])
		VFMADD231PS(s.konst(p*p*p), t[0], t[2])
		VFMADD231PS(s.konst(q*q*q), t[1], t[2])
		finish(3)
		Label(skip)
	}
	s.each(4, cols, left, func() {
		first, second := s.held[:6], s.held[6:12]
		for even := range 2 {
			MOVQ(m, from)
			for j := range 6 {
				x, z := first[j], second[j]
				VMOVUPS(point(1), t[0])
				VMOVUPS(point(3), t[1])
				if even == 0 {
					VADDPS(point(2), t[0], t[0])
					VADDPS(point(4), t[1], t[1])
					VADDPS(point(0), t[0], x)
					VADDPS(t[1], x, x)
					VMULPS(s.konst(a), t[0], z)
					VFMADD231PS(s.konst(b), t[1], z)
				} else {
					VSUBPS(point(2), t[0], t[0])
					VSUBPS(point(4), t[1], t[1])
					VMULPS(s.konst(p), t[0], x)
					VFMADD231PS(s.konst(q), t[1], x)
					VMOVUPS(point(5), z)
					VFMADD231PS(s.konst(p*p*p), t[0], z)
					VFMADD231PS(s.konst(q*q*q), t[1], z)
				}
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
