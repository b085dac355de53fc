package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// fused generates normalisation, ReLU and maximum of windows of 2, or of 2 by 2,
// side by side, in one.
func (v vectors) fused() {
	for _, taps := range []int{2, 4} {
		v.normPool(taps)
		v.normPoolSums(taps)
		v.normPoolGrad(taps)
	}
}

// side tells windows of 2 from those of 2 by 2.
func side(taps int) string {
	if taps == 2 {
		return "Pair"
	}
	return "Square"
}

// params are the coefficients of all channels, one kind to a row. Rows are whole
// vectors, so that the last one is read without a mask.
type params struct {
	base, stride GPVirtual
	s            *span
	here, fourth GPVirtual
}

const (
	meanRow = iota
	aRow
	bRow
	_ // at 4 the assembly counts rows anew: an address has a row's length times 1 or 2
	pRow
	qRow
	scaleRow
)

// move takes params to the channels of the span.
func (p *params) move() {
	p.here = GP64()
	LEAQ(Mem{Base: p.base, Index: p.s.off, Scale: 1}, p.here)
	p.fourth = GP64()
	LEAQ(Mem{Base: p.here, Index: p.stride, Scale: 4}, p.fourth)
}

func (p *params) at(row int) Mem {
	m := Mem{Base: p.here}
	if row >= 4 {
		m.Base, row = p.fourth, row-4
	}
	if row > 0 {
		m.Index, m.Scale = p.stride, uint8(row)
	}
	return m
}

// A pooled is the walk over windows that all fused kernels have in common.
type pooled struct {
	v      vectors
	taps   int
	s      *span
	x      GPVirtual
	row    GPVirtual // bytes between the two lines
	params params
}

func (v vectors) pooled(taps int, x, row, base, stride, n GPVirtual) *pooled {
	SHLQ(U8(2), row)
	SHLQ(U8(2), stride)
	p := &pooled{v: v, taps: taps, x: x, row: row, s: v.span(n, 1, v.tail(n, v.r[15]))}
	p.params = params{base: base, stride: stride, s: p.s}
	return p
}

// tap is one of the windows of a matrix that starts at base.
func (p *pooled) tap(base GPVirtual, i int) Mem {
	t := GP64()
	LEAQ(Mem{Base: base, Index: p.s.off, Scale: 1}, t)
	if i >= 2 {
		ADDQ(p.row, t)
	}
	m := Mem{Base: t}
	if i%2 == 1 {
		m.Index, m.Scale = p.s.bytes, 1
	}
	return m
}

// each emits the loop over points; those in two move by two of them.
func (p *pooled) each(points GPVirtual, two, one []GPVirtual, body func(m *mask)) {
	Label("point")
	p.s.each("channels", func(_ int, m *mask) {
		p.params.move()
		body(m)
	})
	for _, x := range two {
		LEAQ(Mem{Base: x, Index: p.s.bytes, Scale: 2}, x)
	}
	for _, y := range one {
		ADDQ(p.s.bytes, y)
	}
	DECQ(points)
	JNZ(LabelRef("point"))
}

// value puts (x-mean)·a + b of a tap into a register.
func (p *pooled) value(m *mask, i int, to VecPhysical) {
	a := p.v.r[2]
	p.v.load(p.tap(p.x, i), m, to)
	VSUBPS(p.params.at(meanRow), to, to)
	VMOVUPS(p.params.at(aRow), a)
	VFMADD213PS(p.params.at(bRow), a, to)
}

// normPool makes the maximum of the windows and 0, times a factor; where that is 0
// so is the result, even for NaN.
func (v vectors) normPool(taps int) {
	v.text("normPool"+side(taps), "func(y, x, params, factor *float32, points, row, stride, n int)", "works like normPoolGo.")
	g := args("y", "x", "params", "factor", "points", "row", "stride", "n")
	y, x, factor, points := g[0], g[1], g[3], g[4]
	p := v.pooled(taps, x, g[5], g[2], g[6], g[7])
	top, e, k, zero := v.r[0], v.r[1], v.r[3], v.r[14]
	v.zero(zero)
	p.each(points, []GPVirtual{x}, []GPVirtual{y}, func(m *mask) {
		const notEqual = 4
		VMOVAPS(zero, top)
		for i := range taps {
			p.value(m, i, e)
			v.orNaN(top, e, v.r[4])
		}
		v.load(p.s.at(factor, 0), m, k)
		if v.wide() {
			VCMPPS(U8(notEqual), zero, k, K2)
			VMULPS_Z(k, top, K2, top)
		} else {
			VMULPS(k, top, top)
			VCMPPS(U8(notEqual), zero, k, k)
			VANDPS(k, top, top)
		}
		v.store(top, m, p.s.at(y, 0))
	})
	v.end()
}

// dealt finds the taps that take the gradient, and gives each tap its part of dy.
func (p *pooled) dealt(m *mask, dy GPVirtual, infinity, zero VecPhysical, give func(tap int, part VecPhysical)) {
	v := p.v
	top, e, d := v.r[0], v.r[1], v.r[2]
	v.winners(p.taps, top, e, infinity, func(tap int, to VecPhysical) { p.value(m, tap, to) })
	v.load(p.s.at(dy, 0), m, d)
	v.where(top, zero, d)
	v.deal(p.taps, d, v.r[3], zero, give)
}

// normPoolSums adds the gradient and its products with x-mean to sum and dot.
func (v vectors) normPoolSums(taps int) {
	v.text("normPoolSums"+side(taps), "func(sum, dot, x, dy, params *float32, points, row, stride, n int)", "works like normPoolSumsGo.")
	g := args("sum", "dot", "x", "dy", "params", "points", "row", "stride", "n")
	sum, dot, x, dy, points := g[0], g[1], g[2], g[3], g[5]
	p := v.pooled(taps, x, g[6], g[4], g[7], g[8])
	infinity, zero := v.r[9], v.r[10]
	v.constant(float32(math.Inf(1)), infinity)
	v.zero(zero)
	p.each(points, []GPVirtual{x}, []GPVirtual{dy}, func(m *mask) {
		sums, dots, e := v.r[13], v.r[14], v.r[1]
		v.load(p.s.at(sum, 0), m, sums)
		v.load(p.s.at(dot, 0), m, dots)
		p.dealt(m, dy, infinity, zero, func(tap int, part VecPhysical) {
			v.load(p.tap(x, tap), m, e)
			VSUBPS(p.params.at(meanRow), e, e)
			VFMADD231PS(e, part, dots)
			VADDPS(part, sums, sums)
		})
		v.store(sums, m, p.s.at(sum, 0))
		v.store(dots, m, p.s.at(dot, 0))
	})
	v.end()
}

// normPoolGrad makes dx = scale·dy + (p·(x-mean) + q), with the dy of each tap.
func (v vectors) normPoolGrad(taps int) {
	v.text("normPoolGrad"+side(taps), "func(dx, x, dy, params *float32, points, row, stride, n int)", "works like normPoolGradGo.")
	g := args("dx", "x", "dy", "params", "points", "row", "stride", "n")
	dx, x, dy, points := g[0], g[1], g[2], g[4]
	p := v.pooled(taps, x, g[5], g[3], g[6], g[7])
	infinity, zero := v.r[9], v.r[10]
	v.constant(float32(math.Inf(1)), infinity)
	v.zero(zero)
	p.each(points, []GPVirtual{x, dx}, []GPVirtual{dy}, func(m *mask) {
		e, t := v.r[1], v.r[8]
		p.dealt(m, dy, infinity, zero, func(tap int, part VecPhysical) {
			v.load(p.tap(x, tap), m, e)
			VSUBPS(p.params.at(meanRow), e, e)
			VMOVUPS(p.params.at(pRow), t)
			VFMADD213PS(p.params.at(qRow), t, e)
			VMOVUPS(p.params.at(scaleRow), t)
			VFMADD231PS(part, t, e)
			v.store(e, m, p.tap(dx, tap))
		})
	})
	v.end()
}
