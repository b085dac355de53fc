package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// columns generates the kernels over matrices of rows by n in which parameters and
// sums belong to the columns.
func (v vectors) columns() {
	v.columnMoments()
	for _, relu := range []bool{false, true} {
		v.columnAffine(relu)
		v.columnSums(relu)
		v.columnGrad(relu)
	}
}

func suffix(relu bool) string {
	if relu {
		return "ReLU"
	}
	return ""
}

// columnAffine makes y = (x-mean)·a + b.
func (v vectors) columnAffine(relu bool) {
	v.text("columnAffine"+suffix(relu), "func(y, x, mean, a, b *float32, rows, n int)",
		"works like columnAffineGo.")
	p := args("y", "x", "mean", "a", "b", "rows", "n")
	y, x, mean, a, b, rows, n := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	m := v.tail(n, v.r[15])
	s := v.span(n, 4, m)
	zero := v.r[14]
	v.zero(zero)
	Label("row")
	s.each("columns", func(count int, m *mask) {
		for j := range count {
			r, t, u := v.r[j], v.r[4+j], v.r[8]
			v.load(s.at(x, j), m, r)
			v.load(s.at(mean, j), m, t)
			VSUBPS(t, r, r)
			v.load(s.at(a, j), m, t)
			v.load(s.at(b, j), m, u)
			VFMADD213PS(u, t, r)
			if relu {
				v.relu(zero, r)
			}
		}
		for j := range count {
			v.store(v.r[j], m, s.at(y, j))
		}
	})
	ADDQ(s.bytes, x)
	ADDQ(s.bytes, y)
	DECQ(rows)
	JNZ(LabelRef("row"))
	v.end()
}

// columnGrad makes dx = a·dy + (p·(x-mean) + q), with dy = 0 where (x-mean)·a + b ≤ 0
// if relu.
func (v vectors) columnGrad(relu bool) {
	names, sig := []string{"dx", "x", "dy", "mean", "a", "p", "q", "rows", "n"}, "func(dx, x, dy, mean, a, p, q *float32, rows, n int)"
	if relu {
		names, sig = append(names, "b"), "func(dx, x, dy, mean, a, p, q, b *float32, rows, n int)"
	}
	v.text("columnGrad"+suffix(relu), sig, "works like columnGradGo.")
	g := args(names...)
	dx, x, dy, mean, a, p, q, rows, n := g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7], g[8]
	m := v.tail(n, v.r[15])
	unroll := 2
	s := v.span(n, unroll, m)
	zero := v.r[14]
	v.zero(zero)
	Label("row")
	s.each("columns", func(count int, m *mask) {
		for j := range count {
			r := v.r[6*j:]
			rx, rd, ra, rq, rb := r[0], r[1], r[2], r[3], r[4]
			v.load(s.at(x, j), m, rx)
			v.load(s.at(dy, j), m, rd)
			v.load(s.at(mean, j), m, rb)
			VSUBPS(rb, rx, rx)
			v.load(s.at(a, j), m, ra)
			v.load(s.at(q, j), m, rq)
			if relu {
				v.load(s.at(g[9], j), m, rb)
				VFMADD231PS(rx, ra, rb)
				v.where(rb, zero, rd)
			}
			v.load(s.at(p, j), m, rb)
			VFMADD213PS(rq, rb, rx)
			VFMADD231PS(rd, ra, rx)
		}
		for j := range count {
			v.store(v.r[6*j], m, s.at(dx, j))
		}
	})
	ADDQ(s.bytes, x)
	ADDQ(s.bytes, dy)
	ADDQ(s.bytes, dx)
	DECQ(rows)
	JNZ(LabelRef("row"))
	v.end()
}

// A block is a few rows of a matrix, read side by side.
type block struct {
	base   [2]GPVirtual // of rows 0 and 4
	stride GPVirtual
	three  GPVirtual // strides
}

// blocks shares the strides among matrices of one shape.
func blocks(stride GPVirtual, bases ...GPVirtual) []block {
	three := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, three)
	var out []block
	for _, b := range bases {
		out = append(out, block{base: [2]GPVirtual{b}, stride: stride, three: three})
	}
	return out
}

// at is the vector of row r at the address in base.
func (b block) at(r int) Mem {
	m := Mem{Base: b.base[r/4]}
	switch r % 4 {
	case 1:
		m.Index, m.Scale = b.stride, 1
	case 2:
		m.Index, m.Scale = b.stride, 2
	case 3:
		m.Index, m.Scale = b.three, 1
	}
	return m
}

// overRows emits loops that take the rows of matrices in blocks of many, then one
// by one, and in each block go over the columns.
func (v vectors) overRows(s *span, rows GPVirtual, many int, bs []block, start func(rows int), body func(rows int, m *mask)) {
	for _, count := range []int{many, 1} {
		name := fmt.Sprint("rows", count)
		Label(name)
		CMPQ(rows, I8(count))
		JL(LabelRef(name + "_end"))
		start(count)
		XORQ(s.off, s.off)
		Label(name + "_vector")
		CMPQ(s.off, s.one)
		JGE(LabelRef(name + "_rest"))
		body(count, nil)
		for _, b := range bs {
			ADDQ(I32(v.bytes()), b.base[0])
		}
		ADDQ(I32(v.bytes()), s.off)
		JMP(LabelRef(name + "_vector"))
		Label(name + "_rest")
		CMPQ(s.off, s.bytes)
		JGE(LabelRef(name + "_next"))
		body(count, s.mask)
		Label(name + "_next")
		for _, b := range bs {
			SUBQ(s.off, b.base[0])
			for range count / 4 {
				LEAQ(Mem{Base: b.base[0], Index: b.stride, Scale: 4}, b.base[0])
			}
			if count < 4 {
				ADDQ(b.stride, b.base[0])
			}
		}
		SUBQ(I8(count), rows)
		JMP(LabelRef(name))
		Label(name + "_end")
	}
}

// columnSums adds Σ dy and Σ dy·(x-mean) to sum and dot.
func (v vectors) columnSums(relu bool) {
	names, sig := []string{"sum", "dot", "x", "dy", "mean", "rows", "n"}, "func(sum, dot, x, dy, mean *float32, rows, n int)"
	if relu {
		names, sig = append(names, "a", "b"), "func(sum, dot, x, dy, mean, a, b *float32, rows, n int)"
	}
	v.text("columnSums"+suffix(relu), sig, "works like columnSumsGo.")
	g := args(names...)
	sum, dot, x, dy, mean, rows, n := g[0], g[1], g[2], g[3], g[4], g[5], g[6]
	m := v.tail(n, v.r[15])
	s := v.span(n, 1, m)
	bs := blocks(s.bytes, x, dy)
	r := v.r
	zero := r[14]
	v.zero(zero)
	v.overRows(s, rows, 4, bs, func(int) {}, func(many int, m *mask) {
		sums, dots, t := r[0], r[1], r[13]
		v.load(s.at(mean, 0), m, r[2])
		if relu {
			v.load(s.at(g[7], 0), m, r[3])
			v.load(s.at(g[8], 0), m, r[4])
		}
		for i := range many {
			dx, d := r[5+i], r[9+i]
			v.load(bs[0].at(i), m, dx)
			v.load(bs[1].at(i), m, d)
			VSUBPS(r[2], dx, dx)
			if relu {
				VMOVAPS(r[4], t)
				VFMADD231PS(dx, r[3], t)
				v.where(t, zero, d)
			}
		}
		v.load(s.at(sum, 0), m, sums)
		v.load(s.at(dot, 0), m, dots)
		// The block is summed first, so that the long sums are rounded less often.
		for i := range many {
			if i == 0 {
				VMULPS(r[5], r[9], r[5])
			} else {
				VFMADD231PS(r[5+i], r[9+i], r[5])
				VADDPS(r[9+i], r[9], r[9])
			}
		}
		VADDPS(r[9], sums, sums)
		VADDPS(r[5], dots, dots)
		v.store(sums, m, s.at(sum, 0))
		v.store(dots, m, s.at(dot, 0))
	})
	v.end()
}

// columnMoments merges the mean and the squared deviations of blocks of rows into
// those of the rows before.
func (v vectors) columnMoments() {
	v.text("columnMoments", "func(mean, m2, x, shift *float32, rows, n, count int)", "works like columnMomentsGo.")
	g := args("mean", "m2", "x", "shift", "rows", "n", "count")
	mean, m2, x, shift, rows, n, count := g[0], g[1], g[2], g[3], g[4], g[5], g[6]
	m := v.tail(n, v.r[15])
	s := v.span(n, 1, m)
	bs := blocks(s.bytes, x)
	four := GP64()
	bs[0].base[1] = four
	r := v.r
	// w = k/(count+k) and count·w are the weights of a block of k rows.
	eighth, weight, product := r[14], r[13], r[12]
	v.overRows(s, rows, 8, bs, func(many int) {
		k, c := r[0].(Vec).AsX(), r[1].(Vec).AsX()
		t := GP64()
		MOVQ(I32(many), t)
		VXORPS(k, k, k)
		VXORPS(c, c, c)
		VCVTSI2SSQ(t, k, k)
		VCVTSI2SSQ(count, c, c)
		VADDSS(k, c, r[2].(Vec).AsX())
		VDIVSS(r[2].(Vec).AsX(), k, k)
		VBROADCASTSS(k, weight)
		VMULSS(k, c, c)
		VBROADCASTSS(c, product)
		ADDQ(t, count)
		if many > 1 {
			u := GP32()
			MOVL(U32(0x3e000000), u) // 1/8
			VMOVD(u, k)
			VBROADCASTSS(k, eighth)
		}
	}, func(many int, m *mask) {
		LEAQ(Mem{Base: x, Index: s.bytes, Scale: 4}, four)
		v.load(s.at(shift, 0), m, r[8])
		for i := range many {
			v.load(bs[0].at(i), m, r[i])
			VSUBPS(r[8], r[i], r[i])
		}
		b, V, M := r[8], r[9], r[10]
		v.load(s.at(m2, 0), m, V)
		if many == 1 {
			b = r[0]
		} else {
			q := r[11]
			VADDPS(r[0], r[1], b)
			for i := 2; i < many; i += 2 {
				VADDPS(r[i], r[i+1], q)
				VADDPS(q, b, b)
			}
			VMULPS(eighth, b, b)
			for i := range many {
				VSUBPS(b, r[i], r[i])
			}
			VMULPS(r[0], r[0], q)
			for i := 1; i < many; i++ {
				VFMADD231PS(r[i], r[i], q)
			}
			VADDPS(q, V, V)
		}
		v.load(s.at(mean, 0), m, M)
		VSUBPS(M, b, b)
		VFMADD231PS(weight, b, M)
		v.store(M, m, s.at(mean, 0))
		VMULPS(product, b, M)
		VFMADD231PS(M, b, V)
		v.store(V, m, s.at(m2, 0))
	})
	v.end()
}
