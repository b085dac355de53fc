package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// shares generates the poolings in which an element counts by its share of the sum of
// its window: one is drawn, or they are averaged. Where rounding might matter, or the
// sum is no ordinary number, the kernels stop before the vector.
func (v vectors) shares() {
	for _, four := range []bool{true, false} {
		v.sample(four)
		v.sampleGrad(four)
		v.own(four)
		v.ownGrad(four)
	}
}

func ofTaps(title string, four bool) string {
	if four {
		return title + "Four"
	}
	return title + "Taps"
}

const (
	equal, greater, notEqual   = 0, 0x1e, 4 // comparisons of floats, quiet
	notGreater, notGreaterOrEq = 0x1a, 0x19
	notLessOrEq                = 0x16
)

// positive reads a tap; what is not above 0 becomes 0, NaN stays.
func (w *walk) positive(at Mem, m *mask, zero, to VecPhysical) {
	w.v.load(at, m, to)
	w.v.relu(zero, to)
}

// total sums up the taps. Of four, tap i is left in r[i], and the sums of the first 2
// and 3 in r[4] and r[5]. The total is in r[6].
func (w *walk) total(m *mask, x GPVirtual, zero VecPhysical) {
	r := w.v.r
	if !w.only {
		VMOVAPS(zero, r[6])
	}
	w.each("total", m, x, func(tap int, at Mem) {
		w.positive(at, m, zero, r[tap])
		switch {
		case !w.only:
			VADDPS(r[0], r[6], r[6])
		case tap == 1:
			VADDPS(r[1], r[0], r[4])
		case tap > 1:
			VADDPS(r[tap], r[2+tap], r[3+tap])
		}
	})
}

// A sampling is what the two kernels of drawing have in common. Its top, in r[7], is
// what the sum up to the element drawn exceeds; r[8] is how far at least a sum has to
// be from it to be sure, and r[9] how far the nearest is.
type sampling struct {
	*walk
	x, words GPVirtual
	zero     VecPhysical
}

func (v vectors) sampling(four bool) *sampling {
	g := args("x", "words")
	p := &sampling{walk: v.walk(four), x: g[0], words: g[1], zero: v.r[14]}
	v.zero(p.zero)
	v.scalar("margin", v.r[13])
	VMOVUPS(v.floats("absolute", math.MaxInt32), v.r[12])
	return p
}

// start finds the top. A word is halved, since it is converted as a signed number.
func (p *sampling) start(m *mask) {
	r := p.v.r
	p.total(m, p.x, p.zero)
	p.v.load(p.s.at(p.words, 0), m, r[7])
	VPSRLD(U8(1), r[7], r[7])
	VCVTDQ2PS(r[7], r[7])
	VMULPS(p.v.floats("halfUnit", math.Float32bits(0x1p-31)), r[7], r[7])
	VMULPS(r[6], r[7], r[7])
	VMULPS(r[13], r[6], r[8])
	VMAXPS(p.v.floats("tiny", math.Float32bits(0x1p-120)), r[8], r[8])
}

// near puts the distance of a sum from the top into r[9] if it is smaller.
func (p *sampling) near(sum, t VecPhysical, first bool) {
	r := p.v.r
	if first {
		t = r[9]
	}
	VSUBPS(r[7], sum, t)
	VANDPS(r[12], t, t)
	if !first {
		VMINPS(t, r[9], r[9])
	}
}

// sure stops unless all draws are; those of zeros are.
func (p *sampling) sure() {
	r := p.v.r
	if p.v.wide() {
		VCMPPS(U8(notEqual), p.zero, r[6], K2)
		VCMPPS(U8(notGreater), r[8], r[9], K2, K2)
	} else {
		VCMPPS(U8(notEqual), p.zero, r[6], r[10])
		VCMPPS(U8(notGreater), r[8], r[9], r[9])
		VANDPS(r[10], r[9], r[9])
	}
	p.doubtful(r[9])
}

// reached finds out for the first three of four taps whether the sum up to it exceeds
// the top: into K4 to K6, or r[0], r[4] and r[5] with AVX2. These have to be needed no
// more, so r[0] is copied to r[10].
func (p *sampling) reached() {
	r := p.v.r
	sums := []VecPhysical{r[0], r[4], r[5]}
	for i, sum := range sums {
		p.near(sum, r[11], i == 0)
	}
	p.sure()
	VMOVAPS(r[0], r[10])
	for i, sum := range sums {
		if p.v.wide() {
			VCMPPS(U8(greater), r[7], sum, []OpmaskPhysical{K4, K5, K6}[i])
		} else {
			VCMPPS(U8(greater), r[7], sum, sum)
		}
	}
}

// search goes over the taps once more. found is given what is true of the taps up to
// the one drawn: K3, or r[10] with AVX2.
func (p *sampling) search(m *mask, found func()) {
	r := p.v.r
	sum := r[1]
	VMOVAPS(p.zero, sum)
	VMOVUPS(p.v.floats("infinite", math.Float32bits(float32(math.Inf(1)))), r[9])
	if p.v.wide() {
		KXNORW(K3, K3, K3)
	} else {
		VPCMPEQD(r[10], r[10], r[10])
	}
	p.each("search", m, p.x, func(_ int, at Mem) {
		p.positive(at, m, p.zero, r[0])
		found()
		VADDPS(r[0], sum, sum)
		p.near(sum, r[11], false)
		if p.v.wide() {
			VCMPPS(U8(notGreater), r[7], sum, K3)
		} else {
			VCMPPS(U8(notGreater), r[7], sum, r[10])
		}
	})
	p.sure()
}

func (v vectors) sample(four bool) {
	title := ofTaps("sample", four)
	v.text(title, "func(y, x *float32, words *uint32, "+walkParams+", margin float32) (left, done int)",
		"writes the element drawn of each window.")
	y := args("y")[0]
	p := v.sampling(four)
	r := v.r
	p.over([]GPVirtual{p.x}, []GPVirtual{y, p.words}, func(m *mask) {
		p.start(m)
		out := r[3]
		if four {
			p.reached()
			for i, tap := range []VecPhysical{r[2], r[1], r[10]} {
				if v.wide() {
					VMOVAPS(tap, []OpmaskPhysical{K6, K5, K4}[i], out)
				} else {
					VBLENDVPS([]VecPhysical{r[5], r[4], r[0]}[i], tap, out, out)
				}
			}
		} else {
			p.search(m, func() {
				if v.wide() {
					VMOVAPS(r[0], K3, out)
				} else {
					VBLENDVPS(r[10], r[0], out, out)
				}
			})
		}
		VADDPS(p.zero, out, out) // -0 becomes 0
		v.store(out, m, p.s.at(y, 0))
	})
	p.end()
}

func (v vectors) sampleGrad(four bool) {
	title := ofTaps("sampleGrad", four)
	v.text(title, "func(dx, x, dy *float32, words *uint32, "+walkParams+", margin float32, keep uint32) (left, done int)",
		"adds dy to the element drawn of each window, in dx & keep.")
	g := args("dx", "dy")
	dx, dy := g[0], g[1]
	p := v.sampling(four)
	r := v.r
	p.over([]GPVirtual{p.x, dx}, []GPVirtual{dy, p.words}, func(m *mask) {
		p.start(m)
		d, t, keep := r[1], r[2], r[3]
		if four {
			p.reached()
		} else {
			v.zero(r[2])
			v.zero(r[3])
			p.search(m, func() {
				if v.wide() {
					VMOVDQA32(r[2], K3, r[3])
				} else {
					VBLENDVPS(r[10], r[2], r[3], r[3])
				}
				VPADDD(v.floats("one", 1), r[2], r[2])
			})
			VMOVAPS(r[3], r[4])
		}
		v.load(p.s.at(dy, 0), m, d)
		if v.wide() {
			VCMPPS(U8(notEqual), p.zero, r[6], K3)
			VMOVAPS_Z(d, K3, d)
		} else {
			VCMPPS(U8(notEqual), p.zero, r[6], r[6])
			VANDPS(r[6], d, d)
		}
		v.scalar("keep", keep)
		part, tap := r[9], r[8]
		if !four {
			v.zero(tap)
		}
		p.each("give", m, dx, func(i int, at Mem) {
			switch {
			case four && i == 3:
				part = d
			case four && v.wide():
				k := []OpmaskPhysical{K4, K5, K6}[i]
				VMOVAPS_Z(d, k, part)
				VMOVAPS(p.zero, k, d)
			case four:
				k := []VecPhysical{r[0], r[4], r[5]}[i]
				VANDPS(d, k, part)
				VANDNPS(d, k, d)
			case v.wide():
				VPCMPEQD(tap, r[4], K3)
				VMOVAPS_Z(d, K3, part)
			default:
				VPCMPEQD(tap, r[4], part)
				VANDPS(d, part, part)
			}
			p.give(at, m, keep, part, t)
			if !four {
				VPADDD(v.floats("one", 1), tap, tap)
			}
		})
	})
	p.end()
}

// shared sums up the taps. It stops at sums at which squares or the inverse might over- or
// underflow. ratio divides by the sum, and gives 0 where that is 0.
func (w *walk) shared(m *mask, x GPVirtual, zero VecPhysical) (ratio func(of, to VecPhysical)) {
	r, v := w.v.r, w.v
	least, most := v.floats("least", math.Float32bits(0x1p-50)), v.floats("most", math.Float32bits(0x1p50))
	w.total(m, x, zero)
	if v.wide() {
		VCMPPS(U8(notEqual), zero, r[6], K3)
		VCMPPS(U8(notGreaterOrEq), least, r[6], K3, K2)
		VCMPPS(U8(notLessOrEq), most, r[6], K3, K4)
		KORW(K4, K2, K2)
		w.doubtful(nil)
		return func(of, to VecPhysical) { VDIVPS_Z(r[6], of, K3, to) }
	}
	VCMPPS(U8(notEqual), zero, r[6], r[8])
	VCMPPS(U8(notGreaterOrEq), least, r[6], r[9])
	VCMPPS(U8(notLessOrEq), most, r[6], r[10])
	VORPS(r[10], r[9], r[9])
	VANDPS(r[8], r[9], r[9])
	w.doubtful(r[9])
	return func(of, to VecPhysical) {
		VDIVPS(r[6], of, to)
		VANDPS(r[8], to, to)
	}
}

// mean puts the sum of squares divided by the sum into a register.
func (w *walk) mean(m *mask, x GPVirtual, zero, to, t VecPhysical, ratio func(of, to VecPhysical)) {
	VMOVAPS(zero, to)
	w.again("squares", m, x, zero, func(value VecPhysical) {
		VMULPS(value, value, t)
		VADDPS(t, to, to)
	})
	ratio(to, to)
}

// again goes over the taps once more: those of four are still in r[0] to r[3]. value is
// that of a tap, as in positive.
func (w *walk) again(label string, m *mask, x GPVirtual, zero VecPhysical, body func(value VecPhysical)) {
	if w.only {
		for i := range w.four {
			body(w.v.r[i])
		}
		return
	}
	w.each(label, m, x, func(_ int, at Mem) {
		w.positive(at, m, zero, w.v.r[0])
		body(w.v.r[0])
	})
}

func (v vectors) own(four bool) {
	v.text(ofTaps("own", four), "func(y, x *float32, "+walkParams+") (left, done int)",
		"writes the mean of each window weighted by its elements.")
	g := args("y", "x")
	y, x := g[0], g[1]
	w := v.walk(four)
	zero, out, t := v.r[14], v.r[12], v.r[11]
	v.zero(zero)
	w.over([]GPVirtual{x}, []GPVirtual{y}, func(m *mask) {
		w.mean(m, x, zero, out, t, w.shared(m, x, zero))
		v.store(out, m, w.s.at(y, 0))
	})
	w.end()
}

func (v vectors) ownGrad(four bool) {
	v.text(ofTaps("ownGrad", four), "func(dx, x, dy *float32, "+walkParams+", keep uint32) (left, done int)",
		"adds the gradient of that to each element above 0, in dx & keep.")
	g := args("dx", "x", "dy")
	dx, x, dy := g[0], g[1], g[2]
	w := v.walk(four)
	r := v.r
	zero, mean, t, d, keep, inverse := r[14], r[12], r[11], r[13], r[10], r[7]
	v.zero(zero)
	w.over([]GPVirtual{x, dx}, []GPVirtual{dy}, func(m *mask) {
		ratio := w.shared(m, x, zero)
		w.mean(m, x, zero, mean, t, ratio)
		VMOVUPS(v.floats("unit", math.Float32bits(1)), inverse)
		ratio(inverse, inverse)
		v.load(w.s.at(dy, 0), m, d)
		v.scalar("keep", keep)
		part := func(value VecPhysical) {
			VADDPS(value, value, t)
			VSUBPS(mean, t, t)
			VMULPS(inverse, t, t)
			if v.wide() {
				VCMPPS(U8(greater), zero, value, K3)
				VMULPS_Z(d, t, K3, t)
			} else {
				VCMPPS(U8(greater), zero, value, value)
				VMULPS(d, t, t)
				VANDPS(value, t, t)
			}
		}
		if four {
			w.each("give", m, dx, func(i int, at Mem) {
				part(r[i])
				w.give(at, m, keep, t, r[8])
			})
			return
		}
		grad := GP64() // how far it is from x to dx
		MOVQ(dx, grad)
		SUBQ(x, grad)
		w.each("give", m, x, func(_ int, at Mem) {
			w.positive(at, m, zero, r[0])
			part(r[0])
			to := GP64()
			LEAQ(at, to)
			ADDQ(grad, to)
			w.give(Mem{Base: to}, m, keep, t, r[8])
		})
	})
	w.end()
}
