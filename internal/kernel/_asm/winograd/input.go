package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// window emits the reading of an n x n window of an image: pointers to its rows,
// those outside the image to zeros, and addresses in them.
type window struct {
	rows       []Register
	pixel      Register // bytes between pixels, and multiples
	pixel3     Register
	pixel5     Register
	cols, left Register
}

func openWindow(n int) *window {
	w := &window{left: Load(Param("c"), GP64()), cols: Load(Param("cols"), GP64())}
	x := Load(Param("x"), GP64())
	ADDQ(elements("offset"), x)
	rowStep := elements("rowStep")
	valid := Load(Param("rows"), GP64())
	zero := Load(Param("zero"), GP64())
	for i := range n {
		r := GP64()
		MOVQ(zero, r)
		BTQ(U8(i), valid)
		CMOVQCS(x, r)
		w.rows = append(w.rows, r)
		if i+1 < n {
			ADDQ(rowStep, x)
		}
	}
	w.pixel = elements("pixelStep")
	if n > 2 {
		w.pixel3 = times3(w.pixel)
	}
	if n > 4 {
		w.pixel5 = GP64()
		LEAQ(Mem{Base: w.pixel, Index: w.pixel, Scale: 4}, w.pixel5)
	}
	return w
}

func (w *window) at(i, j int) Mem {
	m := Mem{Base: w.rows[i]}
	switch j {
	case 1, 2, 4:
		m.Index, m.Scale = w.pixel, uint8(j)
	case 3:
		m.Index, m.Scale = w.pixel3, 1
	case 5:
		m.Index, m.Scale = w.pixel5, 1
	}
	return m
}

const windowParams = "c int, x *float32, offset, rowStep, pixelStep int, rows, cols uint64, zero *float32"

// rowStore returns a function that stores the 6 points of row i one after the
// other.
func rowStore(v, step Register, i int) func(VecPhysical) {
	to := GP64()
	IMUL3Q(I8(6*i), step, to)
	ADDQ(v, to)
	return func(r VecPhysical) {
		VMOVUPS(r, Mem{Base: to})
		ADDQ(step, to)
	}
}

// input emits V = Bᵀ d B for a window of 6 x 6 pixels.
func (s *set) input() {
	TEXT("input"+s.suffix, NOSPLIT, "func("+windowParams+", v *float32, step int)")
	Doc(fmt.Sprintf("input%s works like inputGo, %d channels at a time.", s.suffix, s.lanes))
	Pragma("noescape")
	w := openWindow(6)
	v, step := Load(Param("v"), GP64()), elements("step")
	t := s.t
	s.keep(s, a, b, a+b, p, q)
	s.each(6, w.cols, w.left, func() {
		for _, pair := range [][2]int{{1, 2}, {3, 4}, {0, 5}} {
			first, second := s.held[:6], s.held[6:12]
			for j := range 6 {
				s.prepare(j)
				load := func(i int, r VecPhysical) { s.load(j, w.at(i, j), r) }
				x, y := first[j], second[j]
				if pair[0] == 0 {
					load(4, x)
					load(2, t[0])
					VFNMADD231PS(s.konst(a+b), t[0], x)
					load(0, t[0])
					VADDPS(t[0], x, x)
					load(5, y)
					load(3, t[1])
					VFNMADD231PS(s.konst(a+b), t[1], y)
					load(1, t[1])
					VADDPS(t[1], y, y)
					continue
				}
				odd, square := p, b
				if pair[0] == 3 {
					odd, square = q, a
				}
				load(4, x)
				load(2, t[0])
				VFNMADD231PS(s.konst(square), t[0], x)
				load(3, t[1])
				load(1, t[0])
				VFNMADD231PS(s.konst(square), t[0], t[1])
				s.pair(x, t[1], y, odd)
			}
			s.inputRow(first, rowStore(v, step, pair[0]))
			s.inputRow(second, rowStore(v, step, pair[1]))
		}
	}, func() {
		for _, r := range w.rows {
			ADDQ(U8(4*s.lanes), r)
		}
		ADDQ(U8(4*s.lanes), v)
	})
}

// inputRow multiplies a row of 6 by B.
func (s *set) inputRow(d []VecPhysical, store func(VecPhysical)) {
	t := s.t
	VMOVAPS(d[4], t[0])
	VFNMADD231PS(s.konst(a+b), d[2], t[0])
	VADDPS(d[0], t[0], t[0])
	store(t[0])
	for _, k := range [][2]float64{{p, b}, {q, a}} {
		VMOVAPS(d[4], t[1])
		VFNMADD231PS(s.konst(k[1]), d[2], t[1])
		VMOVAPS(d[3], t[2])
		VFNMADD231PS(s.konst(k[1]), d[1], t[2])
		s.pair(t[1], t[2], t[3], k[0])
		store(t[1])
		store(t[3])
	}
	VFNMADD231PS(s.konst(a+b), d[3], d[5])
	VADDPS(d[1], d[5], d[5])
	store(d[5])
}

// gradient emits Z = A dy Aᵀ for a window of the pixels that filters of k x k taps
// make of one of the input.
func (s *set) gradient(k int) {
	side := 7 - k
	TEXT(s.name("gradient", k), NOSPLIT, "func("+windowParams+", v *float32, step int)")
	Doc(fmt.Sprintf("%s works like gradientGo for %[3]d x %[3]d pixels, %[2]d channels at a time.", s.name("gradient", k), s.lanes, side))
	Pragma("noescape")
	w := openWindow(side)
	v, step := Load(Param("v"), GP64()), elements("step")
	t := s.t
	s.keep(s, a, b, p, q)
	s.each(side, w.cols, w.left, func() {
		for _, pair := range [][2]int{{1, 2}, {3, 4}, {0, 5}} {
			first, second := s.held[:side], s.held[6:6+side]
			for j := range side {
				s.prepare(j)
				load := func(i int, r VecPhysical) { s.load(j, w.at(i, j), r) }
				x, y := first[j], second[j]
				if pair[0] == 0 {
					load(0, x)
					load(side-1, y)
					continue
				}
				odd, square := p, a
				if pair[0] == 3 {
					odd, square = q, b
				}
				load(0, x)
				load(1, t[1])
				if side == 4 {
					load(2, t[0])
					VFMADD231PS(s.konst(square), t[0], x)
					load(3, t[0])
					VFMADD231PS(s.konst(square), t[0], t[1])
				}
				s.pair(x, t[1], y, odd)
			}
			s.gradientRow(first, rowStore(v, step, pair[0]))
			s.gradientRow(second, rowStore(v, step, pair[1]))
		}
	}, func() {
		for _, r := range w.rows {
			ADDQ(U8(4*s.lanes), r)
		}
		ADDQ(U8(4*s.lanes), v)
	})
}

// gradientRow multiplies a row by Aᵀ.
func (s *set) gradientRow(y []VecPhysical, store func(VecPhysical)) {
	t := s.t
	store(y[0])
	for _, k := range [][2]float64{{p, a}, {q, b}} {
		VMOVAPS(y[0], t[1])
		VMOVAPS(y[1], t[2])
		if len(y) == 4 {
			VFMADD231PS(s.konst(k[1]), y[2], t[1])
			VFMADD231PS(s.konst(k[1]), y[3], t[2])
		}
		s.pair(t[1], t[2], t[3], k[0])
		store(t[1])
		store(t[3])
	}
	store(y[len(y)-1])
}
