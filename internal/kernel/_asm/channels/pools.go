package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// pools generates the kernels of pooling. A point is an output with all of its n
// channels; its window is a list of taps: how many elements beyond the point's
// first tap each one lies. From a point to the next, x moves on by step elements.
func (v vectors) pools() {
	v.taps("maxTaps", false)
	v.taps("sumTaps", true)
	v.maxTapsGrad()
	v.spreadTaps("addTaps", true)
	v.spreadTaps("setTaps", false)
	v.maxSquares()
	v.maxSquaresGrad()
}

// A window is the common arguments of these kernels.
type window struct {
	offs, taps, points, step, n GPVirtual
}

// overTaps emits a loop over the taps; at is the address of vector j of a tap.
func (w window) overTaps(label string, s *span, base Register, body func(at func(j int) Mem)) {
	here, t, off := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: base, Index: s.off, Scale: 1}, here)
	XORQ(t, t)
	Label(label)
	MOVQ(Mem{Base: w.offs, Index: t, Scale: 8}, off)
	body(func(j int) Mem { return Mem{Base: here, Index: off, Scale: 4, Disp: j * s.v.bytes()} })
	INCQ(t)
	CMPQ(t, w.taps)
	JL(LabelRef(label))
}

// overPoints emits a loop over points.
func (w window) overPoints(s *span, xs, ys []GPVirtual, body func()) {
	SHLQ(U8(2), w.step)
	Label("point")
	body()
	for _, p := range xs {
		ADDQ(w.step, p)
	}
	for _, p := range ys {
		ADDQ(s.bytes, p)
	}
	DECQ(w.points)
	JNZ(LabelRef("point"))
}

// name tells the loops of a span's three bodies apart.
func name(base string, count int, m *mask) string {
	switch {
	case m != nil:
		return base + "_rest"
	case count > 1:
		return base + "_two"
	}
	return base + "_one"
}

// orNaN is the larger one, or NaN if there is one: with a NaN in either place,
// MAXPS gives its last source, top, so a NaN in e alone has to be put there.
func (v vectors) orNaN(top, e, t VecPhysical) {
	const unordered = 3
	VMAXPS(top, e, top)
	if v.wide() {
		VCMPPS(U8(unordered), e, e, K2)
		VMOVAPS(e, K2, top)
		return
	}
	VCMPPS(U8(unordered), e, e, t)
	VBLENDVPS(t, e, top, top)
}

func (v vectors) constant(f float32, r VecPhysical) {
	t := GP32()
	MOVL(U32(math.Float32bits(f)), t)
	VMOVD(t, r.(Vec).AsX())
	VBROADCASTSS(r.(Vec).AsX(), r)
}

// taps reduces windows to their maximum, or to their sum divided by count.
func (v vectors) taps(title string, sum bool) {
	sig := "func(y, x *float32, offs *int, taps, points, step, n int)"
	if sum {
		sig = "func(y, x *float32, offs *int, taps, points, step, n int, count float32)"
	}
	v.text(title, sig, "works like "+title+"Go.")
	g := args("y", "x", "offs", "taps", "points", "step", "n")
	y, x := g[0], g[1]
	w := window{g[2], g[3], g[4], g[5], g[6]}
	s := v.span(w.n, 2, v.tail(w.n, v.r[15]))
	start := v.r[14]
	if sum {
		v.zero(start)
		v.scalar("count", v.r[13])
	} else {
		v.constant(float32(math.Inf(-1)), start)
	}
	w.overPoints(s, []GPVirtual{x}, []GPVirtual{y}, func() {
		s.each("channels", func(count int, m *mask) {
			for j := range count {
				VMOVAPS(start, v.r[j])
			}
			w.overTaps(name("taps", count, m), s, x, func(at func(int) Mem) {
				for j := range count {
					v.load(at(j), m, v.r[4+j])
					if sum {
						VADDPS(v.r[4+j], v.r[j], v.r[j])
					} else {
						v.orNaN(v.r[j], v.r[4+j], v.r[6+j])
					}
				}
			})
			for j := range count {
				if sum {
					VDIVPS(v.r[13], v.r[j], v.r[j])
				}
				v.store(v.r[j], m, s.at(y, j))
			}
		})
	})
	v.end()
}

// spreadTaps writes equal parts of dy to all taps, or adds them.
func (v vectors) spreadTaps(title string, add bool) {
	v.text(title, "func(dx, dy *float32, offs *int, taps, points, step, n int, count float32)", "works like "+title+"Go.")
	g := args("dx", "dy", "offs", "taps", "points", "step", "n")
	dx, dy := g[0], g[1]
	w := window{g[2], g[3], g[4], g[5], g[6]}
	s := v.span(w.n, 2, v.tail(w.n, v.r[15]))
	v.scalar("count", v.r[13])
	w.overPoints(s, []GPVirtual{dx}, []GPVirtual{dy}, func() {
		s.each("channels", func(count int, m *mask) {
			for j := range count {
				v.load(s.at(dy, j), m, v.r[j])
				VDIVPS(v.r[13], v.r[j], v.r[j])
			}
			w.overTaps(name("taps", count, m), s, dx, func(at func(int) Mem) {
				for j := range count {
					t := v.r[j]
					if add {
						t = v.r[4+j]
						v.load(at(j), m, t)
						VADDPS(v.r[j], t, t)
					}
					v.store(t, m, at(j))
				}
			})
		})
	})
	v.end()
}

// beats finds the tap that takes the gradient: the first of the largest, or the last
// NaN. A NaN leaves the top at infinity, which only another NaN beats.
func (v vectors) beats(e, top VecPhysical, infinity VecPhysical, won func(k *mask)) {
	const notLessOrEqual, unordered = 0x16, 3
	if v.wide() {
		VCMPPS(U8(notLessOrEqual), top, e, K2)
		VCMPPS(U8(unordered), e, e, K3)
		VMOVAPS(e, K2, top)
		VMOVAPS(infinity, K3, top)
		won(&mask{k: K2})
		return
	}
	k, nan := v.r[12], v.r[11]
	VCMPPS(U8(notLessOrEqual), top, e, k)
	VCMPPS(U8(unordered), e, e, nan)
	VBLENDVPS(k, e, top, top)
	VBLENDVPS(nan, infinity, top, top)
	won(&mask{y: k})
}

// maxTapsGrad adds dy to the tap of each window that takes the gradient.
func (v vectors) maxTapsGrad() {
	v.text("maxTapsGrad", "func(dx, x, dy *float32, offs *int, taps, points, step, n int)", "works like maxTapsGradGo.")
	g := args("dx", "x", "dy", "offs", "taps", "points", "step", "n")
	dx, x, dy := g[0], g[1], g[2]
	w := window{g[3], g[4], g[5], g[6], g[7]}
	s := v.span(w.n, 1, v.tail(w.n, v.r[15]))
	top, winner, tap, e := v.r[0], v.r[1], v.r[2], v.r[3]
	one, infinity, lowest := v.r[8], v.r[9], v.r[10]
	t := GP32()
	MOVL(U32(1), t)
	VMOVD(t, one.(Vec).AsX())
	VPBROADCASTD(one.(Vec).AsX(), one)
	v.constant(float32(math.Inf(1)), infinity)
	v.constant(float32(math.Inf(-1)), lowest)
	w.overPoints(s, []GPVirtual{dx, x}, []GPVirtual{dy}, func() {
		s.each("channels", func(count int, m *mask) {
			VMOVAPS(lowest, top)
			v.zero(winner)
			v.zero(tap)
			w.overTaps(name("find", count, m), s, x, func(at func(int) Mem) {
				v.load(at(0), m, e)
				v.beats(e, top, infinity, func(k *mask) {
					if v.wide() {
						VMOVDQA32(tap, k.k, winner)
					} else {
						VBLENDVPS(k.y, tap, winner, winner)
					}
				})
				v.next(tap, one)
			})
			v.load(s.at(dy, 0), m, top)
			v.zero(tap)
			w.overTaps(name("give", count, m), s, dx, func(at func(int) Mem) {
				v.load(at(0), m, e)
				if v.wide() {
					VPCMPEQD(tap, winner, K2)
					VADDPS(top, e, K2, e)
				} else {
					VPCMPEQD(tap, winner, v.r[12])
					VANDPS(top, v.r[12], v.r[12])
					VADDPS(v.r[12], e, e)
				}
				v.store(e, m, at(0))
				v.next(tap, one)
			})
		})
	})
	v.end()
}

// next adds one to each lane of tap.
func (v vectors) next(tap, one VecPhysical) { VPADDD(one, tap, tap) }

// square gives the taps of a window of 2 by 2 whose lines are row elements apart.
func (v vectors) square(s *span, base, below GPVirtual, j int) [4]Mem {
	right := func(b GPVirtual) Mem {
		t := GP64()
		LEAQ(Mem{Base: b, Index: s.bytes, Scale: 1}, t)
		return s.at(t, j)
	}
	return [4]Mem{s.at(base, j), right(base), s.at(below, j), right(below)}
}

// maxSquares is the maximum of windows of 2 by 2 side by side.
func (v vectors) maxSquares() {
	v.text("maxSquares", "func(y, x *float32, points, row, n int)", "works like maxTapsGo for windows of 2 by 2 side by side, whose lines are row elements apart.")
	g := args("y", "x", "points", "row", "n")
	y, x, points, row, n := g[0], g[1], g[2], g[3], g[4]
	s := v.span(n, 2, v.tail(n, v.r[15]))
	below := GP64()
	LEAQ(Mem{Base: x, Index: row, Scale: 4}, below)
	Label("point")
	s.each("channels", func(count int, m *mask) {
		const unordered = 3
		for j := range count {
			r := v.r[6*j:]
			for i, at := range v.square(s, x, below, j) {
				v.load(at, m, r[i])
			}
			if v.wide() {
				VCMPPS(U8(unordered), r[0], r[1], K2)
				VCMPPS(U8(unordered), r[2], r[3], K3)
				KORW(K2, K3, K2)
			} else {
				VCMPPS(U8(unordered), r[0], r[1], r[4])
				VCMPPS(U8(unordered), r[2], r[3], r[5])
				VORPS(r[4], r[5], r[4])
			}
			VMAXPS(r[0], r[1], r[0])
			VMAXPS(r[2], r[3], r[2])
			VMAXPS(r[0], r[2], r[0])
			if v.wide() {
				VPTERNLOGD(U8(0xff), r[0], r[0], K2, r[0]) // all ones are a NaN
			} else {
				VORPS(r[4], r[0], r[0])
			}
		}
		for j := range count {
			v.store(v.r[6*j], m, s.at(y, j))
		}
	})
	for range 2 {
		ADDQ(s.bytes, x)
		ADDQ(s.bytes, below)
	}
	ADDQ(s.bytes, y)
	DECQ(points)
	JNZ(LabelRef("point"))
	v.end()
}

// maxSquaresGrad writes dy to the tap of each window that takes the gradient and 0
// to the three others.
func (v vectors) maxSquaresGrad() {
	v.text("maxSquaresGrad", "func(dx, x, dy *float32, points, row, n int)", "works like maxTapsGradGo for windows of 2 by 2 side by side, whose lines are row elements apart; it writes all taps.")
	g := args("dx", "x", "dy", "points", "row", "n")
	dx, x, dy, points, row, n := g[0], g[1], g[2], g[3], g[4], g[5]
	s := v.span(n, 1, v.tail(n, v.r[15]))
	r := v.r
	top, e, infinity, zero := r[0], r[1], r[9], r[10]
	v.constant(float32(math.Inf(1)), infinity)
	v.zero(zero)
	below, belowGrad := GP64(), GP64()
	LEAQ(Mem{Base: x, Index: row, Scale: 4}, below)
	LEAQ(Mem{Base: dx, Index: row, Scale: 4}, belowGrad)
	Label("point")
	s.each("channels", func(_ int, m *mask) {
		at := v.square(s, x, below, 0)
		v.winners(4, top, e, infinity, func(tap int, to VecPhysical) { v.load(at[tap], m, to) })
		d := r[2]
		v.load(s.at(dy, 0), m, d)
		to := v.square(s, dx, belowGrad, 0)
		v.deal(4, d, r[3], zero, func(i int, part VecPhysical) { v.store(part, m, to[i]) })
	})
	for range 2 {
		for _, p := range []GPVirtual{x, below, dx, belowGrad} {
			ADDQ(s.bytes, p)
		}
	}
	ADDQ(s.bytes, dy)
	DECQ(points)
	JNZ(LabelRef("point"))
	v.end()
}

// winners sets masks, K4 to K6 or r[5] to r[7], to where each tap but the first
// beats those before it. load puts a tap into a register.
func (v vectors) winners(taps int, top, e, infinity VecPhysical, load func(tap int, to VecPhysical)) {
	const unordered = 3
	load(0, top)
	if v.wide() {
		VCMPPS(U8(unordered), top, top, K3)
		VMOVAPS(infinity, K3, top)
	} else {
		VCMPPS(U8(unordered), top, top, v.r[11])
		VBLENDVPS(v.r[11], infinity, top, top)
	}
	for i := 1; i < taps; i++ {
		load(i, e)
		v.beats(e, top, infinity, func(k *mask) {
			if v.wide() {
				KMOVW(k.k, []OpmaskPhysical{K4, K5, K6}[i-1])
			} else {
				VMOVAPS(k.y, v.r[4+i])
			}
		})
	}
}

// deal gives d to the last tap that beats those before it, after winners, and 0 to
// the others. It overwrites d.
func (v vectors) deal(taps int, d, t, zero VecPhysical, give func(tap int, part VecPhysical)) {
	for i := taps - 1; i > 0; i-- {
		if v.wide() {
			k := []OpmaskPhysical{K4, K5, K6}[i-1]
			VMOVAPS_Z(d, k, t)
			VMOVAPS(zero, k, d)
		} else {
			VANDPS(d, v.r[4+i], t)
			VANDNPS(d, v.r[4+i], d)
		}
		give(i, t)
	}
	give(0, d)
}
