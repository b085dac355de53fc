package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rows generates the kernels over matrices of rows by n in which statistics belong
// to the rows, and the affine map to the rows or, layer norm, to the columns.
func (v vectors) rows() {
	v.rowMoments()
	for _, relu := range []bool{false, true} {
		v.rowAffine(relu)
		v.rowSums(relu)
		v.rowGrad(relu)
		v.layerAffine(relu)
	}
	v.layerSums()
	v.layerDots()
	v.layerGrad()
}

// perRow emits a loop over rows: body, then the pointers in next move to the next
// row and those in step by one element.
func perRow(s *span, rows GPVirtual, next, step []GPVirtual, body func()) {
	Label("row")
	body()
	for _, p := range next {
		ADDQ(s.bytes, p)
	}
	for _, p := range step {
		ADDQ(I8(4), p)
	}
	DECQ(rows)
	JNZ(LabelRef("row"))
}

// rowAffine makes y = (x-mean)·a + b.
func (v vectors) rowAffine(relu bool) {
	v.text("rowAffine"+suffix(relu), "func(y, x, mean, a, b *float32, rows, n int)", "works like rowAffineGo.")
	g := args("y", "x", "mean", "a", "b", "rows", "n")
	y, x, mean, a, b, rows, n := g[0], g[1], g[2], g[3], g[4], g[5], g[6]
	s := v.span(n, 4, v.tail(n, v.r[15]))
	zero, ra, rb, rm := v.r[14], v.r[8], v.r[9], v.r[10]
	v.zero(zero)
	perRow(s, rows, []GPVirtual{x, y}, []GPVirtual{mean, a, b}, func() {
		VBROADCASTSS(Mem{Base: mean}, rm)
		VBROADCASTSS(Mem{Base: a}, ra)
		VBROADCASTSS(Mem{Base: b}, rb)
		s.each("elements", func(count int, m *mask) {
			for j := range count {
				r := v.r[j]
				v.load(s.at(x, j), m, r)
				VSUBPS(rm, r, r)
				VFMADD213PS(rb, ra, r)
				if relu {
					v.relu(zero, r)
				}
			}
			for j := range count {
				v.store(v.r[j], m, s.at(y, j))
			}
		})
	})
	v.end()
}

// rowGrad makes dx = a·dy + (p·(x-mean) + q), with dy = 0 where (x-mean)·a + b ≤ 0 if
// relu.
func (v vectors) rowGrad(relu bool) {
	names, sig := []string{"dx", "x", "dy", "mean", "a", "p", "q", "rows", "n"}, "func(dx, x, dy, mean, a, p, q *float32, rows, n int)"
	if relu {
		names, sig = append(names, "b"), "func(dx, x, dy, mean, a, p, q, b *float32, rows, n int)"
	}
	v.text("rowGrad"+suffix(relu), sig, "works like rowGradGo.")
	g := args(names...)
	dx, x, dy, rows, n := g[0], g[1], g[2], g[7], g[8]
	params := g[3:7]
	if relu {
		params = append(params[:4:4], g[9])
	}
	s := v.span(n, 2, v.tail(n, v.r[15]))
	zero := v.r[14]
	rm, ra, rp, rq, rb := v.r[9], v.r[10], v.r[11], v.r[12], v.r[13]
	v.zero(zero)
	perRow(s, rows, []GPVirtual{dx, x, dy}, params, func() {
		for i, r := range []VecPhysical{rm, ra, rp, rq, rb}[:len(params)] {
			VBROADCASTSS(Mem{Base: params[i]}, r)
		}
		s.each("elements", func(count int, m *mask) {
			for j := range count {
				rx, rd, t := v.r[4*j], v.r[4*j+1], v.r[4*j+2]
				v.load(s.at(x, j), m, rx)
				v.load(s.at(dy, j), m, rd)
				VSUBPS(rm, rx, rx)
				if relu {
					VMOVAPS(rb, t)
					VFMADD231PS(rx, ra, t)
					v.where(t, zero, rd)
				}
				VFMADD213PS(rq, rp, rx)
				VFMADD231PS(rd, ra, rx)
			}
			for j := range count {
				v.store(v.r[4*j], m, s.at(dx, j))
			}
		})
	})
	v.end()
}

// total adds up four registers and writes the sum of all lanes.
func (v vectors) total(r []VecPhysical, to Mem) {
	VADDPS(r[1], r[0], r[0])
	VADDPS(r[3], r[2], r[2])
	VADDPS(r[2], r[0], r[0])
	v.horizontal(r[0], r[1])
	VMOVSS(r[0].(Vec).AsX(), to)
}

// rowSums writes Σ dy and Σ dy·(x-mean) of each row.
func (v vectors) rowSums(relu bool) {
	names, sig := []string{"sum", "dot", "x", "dy", "mean", "rows", "n"}, "func(sum, dot, x, dy, mean *float32, rows, n int)"
	if relu {
		names, sig = append(names, "a", "b"), "func(sum, dot, x, dy, mean, a, b *float32, rows, n int)"
	}
	v.text("rowSums"+suffix(relu), sig, "works like rowSumsGo.")
	g := args(names...)
	sum, dot, x, dy, mean, rows, n := g[0], g[1], g[2], g[3], g[4], g[5], g[6]
	s := v.span(n, 2, v.tail(n, v.r[15]))
	r := v.r
	zero, rm, ra, rb := r[14], r[13], r[12], r[11]
	v.zero(zero)
	step := []GPVirtual{sum, dot, mean}
	if relu {
		step = append(step, g[7], g[8])
	}
	perRow(s, rows, []GPVirtual{x, dy}, step, func() {
		VBROADCASTSS(Mem{Base: mean}, rm)
		if relu {
			VBROADCASTSS(Mem{Base: g[7]}, ra)
			VBROADCASTSS(Mem{Base: g[8]}, rb)
		}
		for j := range 4 {
			v.zero(r[j])
		}
		s.each("elements", func(count int, m *mask) {
			for j := range count {
				rx, rd, t := r[4+3*j], r[5+3*j], r[6+3*j]
				v.load(s.at(x, j), m, rx)
				v.load(s.at(dy, j), m, rd)
				VSUBPS(rm, rx, rx)
				if relu {
					VMOVAPS(rb, t)
					VFMADD231PS(rx, ra, t)
					v.where(t, zero, rd)
				}
				VADDPS(rd, r[j], r[j])
				VFMADD231PS(rx, rd, r[2+j])
			}
		})
		VADDPS(r[1], r[0], r[0])
		v.horizontal(r[0], r[4])
		VMOVSS(r[0].(Vec).AsX(), Mem{Base: sum})
		VADDPS(r[3], r[2], r[2])
		v.horizontal(r[2], r[4])
		VMOVSS(r[2].(Vec).AsX(), Mem{Base: dot})
	})
	v.end()
}

// rowMoments writes the mean, less the first element, and the squared deviations
// of each row, in two passes over it. Rows fit the first-level cache.
func (v vectors) rowMoments() {
	v.text("rowMoments", "func(mean, m2, x *float32, rows, n int)", "works like rowMomentsGo.")
	g := args("mean", "m2", "x", "rows", "n")
	mean, m2, x, rows, n := g[0], g[1], g[2], g[3], g[4]
	r := v.r
	s := v.span(n, 4, v.tail(n, r[15]))
	count, shift := r[14], r[13]
	VXORPS(count.(Vec).AsX(), count.(Vec).AsX(), count.(Vec).AsX())
	VCVTSI2SSQ(n, count.(Vec).AsX(), count.(Vec).AsX())
	perRow(s, rows, []GPVirtual{x}, []GPVirtual{mean, m2}, func() {
		VBROADCASTSS(Mem{Base: x}, shift)
		for j := range 4 {
			v.zero(r[j])
		}
		s.each("sum", func(count int, m *mask) {
			for j := range count {
				t := r[4+j]
				v.load(s.at(x, j), m, t)
				VSUBPS(shift, t, t)
				v.clip(m, t)
				VADDPS(t, r[j], r[j])
			}
		})
		v.total(r, Mem{Base: mean})
		x0 := r[0].(Vec).AsX()
		VDIVSS(count.(Vec).AsX(), x0, x0)
		VMOVSS(x0, Mem{Base: mean})
		VBROADCASTSS(x0, r[12])
		for j := range 4 {
			v.zero(r[j])
		}
		s.each("squares", func(count int, m *mask) {
			for j := range count {
				t := r[4+j]
				v.load(s.at(x, j), m, t)
				VSUBPS(shift, t, t)
				VSUBPS(r[12], t, t)
				v.clip(m, t)
				VFMADD231PS(t, t, r[j])
			}
		})
		v.total(r, Mem{Base: m2})
	})
	v.end()
}

// layerAffine makes y = (x-mean)·a·gamma + beta, mean and a of the row.
func (v vectors) layerAffine(relu bool) {
	v.text("layerAffine"+suffix(relu), "func(y, x, mean, a, gamma, beta *float32, rows, n int)", "works like layerAffineGo.")
	g := args("y", "x", "mean", "a", "gamma", "beta", "rows", "n")
	y, x, mean, a, gamma, beta, rows, n := g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]
	s := v.span(n, 2, v.tail(n, v.r[15]))
	zero, ra, rm := v.r[14], v.r[8], v.r[9]
	v.zero(zero)
	perRow(s, rows, []GPVirtual{x, y}, []GPVirtual{mean, a}, func() {
		VBROADCASTSS(Mem{Base: mean}, rm)
		VBROADCASTSS(Mem{Base: a}, ra)
		s.each("elements", func(count int, m *mask) {
			for j := range count {
				r, t, u := v.r[3*j], v.r[3*j+1], v.r[3*j+2]
				v.load(s.at(x, j), m, r)
				v.load(s.at(gamma, j), m, t)
				v.load(s.at(beta, j), m, u)
				VSUBPS(rm, r, r)
				VMULPS(ra, r, r)
				VFMADD213PS(u, t, r)
				if relu {
					v.relu(zero, r)
				}
			}
			for j := range count {
				v.store(v.r[3*j], m, s.at(y, j))
			}
		})
	})
	v.end()
}

// layerSums adds Σ dy and Σ dy·(x-mean)·a over the rows to sum and dot, mean and a
// of the row.
func (v vectors) layerSums() {
	v.text("layerSums", "func(sum, dot, x, dy, mean, a *float32, rows, n int)", "works like layerSumsGo.")
	g := args("sum", "dot", "x", "dy", "mean", "a", "rows", "n")
	sum, dot, x, dy, mean, a, rows, n := g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]
	r := v.r
	s := v.span(n, 1, v.tail(n, r[15]))
	bs := blocks(s.bytes, x, dy)
	step := GP64()
	XORQ(step, step)
	v.overRows(s, rows, 4, bs, func(many int) {
		ADDQ(step, mean)
		ADDQ(step, a)
		MOVQ(U32(4*many), step)
		for i := range many {
			VBROADCASTSS(Mem{Base: mean, Disp: 4 * i}, r[6+i])
			VBROADCASTSS(Mem{Base: a, Disp: 4 * i}, r[10+i])
		}
	}, func(many int, m *mask) {
		sums, dots, d, t := r[0], r[1], r[2], r[3]
		v.load(s.at(sum, 0), m, sums)
		v.load(s.at(dot, 0), m, dots)
		for i := range many {
			v.load(bs[0].at(i), m, t)
			VSUBPS(r[6+i], t, t)
			VMULPS(r[10+i], t, t)
			v.load(bs[1].at(i), m, d)
			if i == 0 {
				VMOVAPS(d, r[4])
				VMULPS(t, d, r[5])
			} else {
				VADDPS(d, r[4], r[4])
				VFMADD231PS(t, d, r[5])
			}
		}
		VADDPS(r[4], sums, sums)
		VADDPS(r[5], dots, dots)
		v.store(sums, m, s.at(sum, 0))
		v.store(dots, m, s.at(dot, 0))
	})
	v.end()
}

// layerDots writes Σ h and Σ h·(x-mean) of each row, where h = dy·gamma.
func (v vectors) layerDots() {
	v.text("layerDots", "func(sum, dot, x, dy, gamma, mean *float32, rows, n int)", "works like layerDotsGo.")
	g := args("sum", "dot", "x", "dy", "gamma", "mean", "rows", "n")
	sum, dot, x, dy, gamma, mean, rows, n := g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]
	r := v.r
	s := v.span(n, 2, v.tail(n, r[15]))
	rm := r[13]
	perRow(s, rows, []GPVirtual{x, dy}, []GPVirtual{sum, dot, mean}, func() {
		VBROADCASTSS(Mem{Base: mean}, rm)
		for j := range 4 {
			v.zero(r[j])
		}
		s.each("elements", func(count int, m *mask) {
			for j := range count {
				rx, rd, t := r[4+3*j], r[5+3*j], r[6+3*j]
				v.load(s.at(x, j), m, rx)
				v.load(s.at(dy, j), m, rd)
				v.load(s.at(gamma, j), m, t)
				VMULPS(t, rd, rd)
				VSUBPS(rm, rx, rx)
				VADDPS(rd, r[j], r[j])
				VFMADD231PS(rx, rd, r[2+j])
			}
		})
		VADDPS(r[1], r[0], r[0])
		v.horizontal(r[0], r[4])
		VMOVSS(r[0].(Vec).AsX(), Mem{Base: sum})
		VADDPS(r[3], r[2], r[2])
		v.horizontal(r[2], r[4])
		VMOVSS(r[2].(Vec).AsX(), Mem{Base: dot})
	})
	v.end()
}

// layerGrad makes dx = a·gamma·dy + (p·(x-mean) + q), all but gamma of the row.
func (v vectors) layerGrad() {
	v.text("layerGrad", "func(dx, x, dy, gamma, mean, a, p, q *float32, rows, n int)", "works like layerGradGo.")
	g := args("dx", "x", "dy", "gamma", "mean", "a", "p", "q", "rows", "n")
	dx, x, dy, gamma, rows, n := g[0], g[1], g[2], g[3], g[8], g[9]
	params := g[4:8]
	s := v.span(n, 2, v.tail(n, v.r[15]))
	rm, ra, rp, rq := v.r[9], v.r[10], v.r[11], v.r[12]
	perRow(s, rows, []GPVirtual{dx, x, dy}, params, func() {
		for i, r := range []VecPhysical{rm, ra, rp, rq} {
			VBROADCASTSS(Mem{Base: params[i]}, r)
		}
		s.each("elements", func(count int, m *mask) {
			for j := range count {
				rx, rd, t := v.r[4*j], v.r[4*j+1], v.r[4*j+2]
				v.load(s.at(x, j), m, rx)
				v.load(s.at(dy, j), m, rd)
				v.load(s.at(gamma, j), m, t)
				VSUBPS(rm, rx, rx)
				VFMADD213PS(rq, rp, rx)
				VMULPS(ra, t, t)
				VFMADD231PS(t, rd, rx)
			}
			for j := range count {
				v.store(v.r[4*j], m, s.at(dx, j))
			}
		})
	})
	v.end()
}
