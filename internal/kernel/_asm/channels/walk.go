package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A walk is that over the windows of points, as in pools. Windows are of four taps,
// whose loops are unrolled, or of any number.
type walk struct {
	window
	v    vectors
	s    *span
	four [4]GPVirtual // their offsets, if unrolled
	only bool
}

const walkParams = "offs *int, taps, points, step, n int"

// walk loads the parameters of that name. It takes register 15.
func (v vectors) walk(four bool) *walk {
	g := args("offs", "points", "step", "n")
	w := &walk{v: v, s: v.span(g[3], 1, v.tail(g[3], v.r[15])), only: four}
	w.window = window{offs: g[0], points: g[1], step: g[2], n: g[3]}
	if !four {
		w.taps = args("taps")[0]
		return w
	}
	for i := range w.four {
		w.four[i] = GP64()
		MOVQ(Mem{Base: w.offs, Disp: 8 * i}, w.four[i])
	}
	return w
}

// each emits what is done with each tap of the matrix at base. Where it is a loop, tap
// is 0.
func (w *walk) each(label string, m *mask, base GPVirtual, body func(tap int, at Mem)) {
	if !w.only {
		w.overTaps(name(label, 1, m), w.s, base, func(at func(int) Mem) { body(0, at(0)) })
		return
	}
	here := GP64()
	LEAQ(Mem{Base: base, Index: w.s.off, Scale: 1}, here)
	for i, off := range w.four {
		body(i, Mem{Base: here, Index: off, Scale: 4})
	}
}

// over emits the loop over points and the vectors of each.
func (w *walk) over(xs, ys []GPVirtual, body func(m *mask)) {
	w.overPoints(w.s, xs, ys, func() {
		w.s.each("channels", func(_ int, m *mask) { body(m) })
	})
}

// result stores what a function returns: the points left, and how many elements of the
// first of them are done.
func (w *walk) result(left, done GPVirtual) {
	Store(left, Return("left"))
	Store(done, Return("done"))
}

// doubtful ends the function before what a vector would write if any lane is set: of
// K2, or of r with AVX2.
func (w *walk) doubtful(r VecPhysical) {
	if w.v.wide() {
		KORTESTW(K2, K2)
	} else {
		t := GP32()
		VMOVMSKPS(r, t)
		TESTL(t, t)
	}
	JNZ(LabelRef("doubtful"))
}

// end is the end of a function that may stop at a vector.
func (w *walk) end() {
	zero := GP64()
	XORQ(zero, zero)
	w.result(zero, zero)
	w.v.end()
	Label("doubtful")
	SHRQ(U8(2), w.s.off)
	w.result(w.points, w.s.off)
	w.v.end()
}

// give adds a part to a tap of dx, of which it keeps what keep says.
func (w *walk) give(at Mem, m *mask, keep, part, t VecPhysical) {
	w.v.load(at, m, t)
	VANDPS(keep, t, t)
	VADDPS(part, t, t)
	w.v.store(t, m, at)
}

// floats is a constant in all lanes, in memory.
func (v vectors) floats(title string, bits uint32) Mem {
	m, ok := constants[title]
	if !ok {
		m = GLOBL(title, RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(bits))
		}
		constants[title] = m
	}
	return m
}

var constants = map[string]Mem{}
