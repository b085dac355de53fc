package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// ranks generates the poolings that weigh elements by their order. A window has up to
// mostRanked taps: as many registers hold what is in order.
func (v vectors) ranks() {
	v.rankFour()
	v.rankTaps()
	v.rankGrad(true)
	v.rankGrad(false)
}

const mostRanked = 9

// weigh emits y = 0 + w₀·r₀ + w₁·r₁ + ..., of as many registers as there are, or as
// last says.
func (v vectors) weigh(label string, weights GPVirtual, r []VecPhysical, last GPVirtual, sum, t VecPhysical) {
	v.zero(sum)
	for i := range r {
		VBROADCASTSS(Mem{Base: weights, Disp: 4 * i}, t)
		VMULPS(r[i], t, t)
		VADDPS(t, sum, sum)
		if last != nil && i+1 < len(r) {
			CMPQ(last, I8(i+1))
			JE(LabelRef(label))
		}
	}
	if last != nil {
		Label(label)
	}
}

// exchange puts the larger of a and b into a.
func exchange(a, b, t VecPhysical) {
	VMAXPS(a, b, t)
	VMINPS(a, b, b)
	VMOVAPS(t, a)
}

// rankFour sorts four taps. Where there is a NaN, which MAXPS may lose, the result is
// one, since no weight is 0.
func (v vectors) rankFour() {
	const unordered = 3
	v.text("rankFour", "func(y, x, weights *float32, "+walkParams+")", "writes the sum of the elements of each window, the largest first, times weights.")
	g := args("y", "x", "weights")
	y, x, weights := g[0], g[1], g[2]
	w := v.walk(true)
	r := v.r
	for i := range 4 {
		VBROADCASTSS(Mem{Base: weights, Disp: 4 * i}, r[10+i])
	}
	w.over([]GPVirtual{x}, []GPVirtual{y}, func(m *mask) {
		w.each("taps", m, x, func(tap int, at Mem) { v.load(at, m, r[tap]) })
		if v.wide() {
			VCMPPS(U8(unordered), r[0], r[1], K2)
			VCMPPS(U8(unordered), r[2], r[3], K3)
			KORW(K2, K3, K2)
		} else {
			VCMPPS(U8(unordered), r[0], r[1], r[8])
			VCMPPS(U8(unordered), r[2], r[3], r[9])
			VORPS(r[8], r[9], r[9])
		}
		VMAXPS(r[0], r[1], r[4])
		VMINPS(r[0], r[1], r[5])
		VMAXPS(r[2], r[3], r[6])
		VMINPS(r[2], r[3], r[7])
		VMAXPS(r[4], r[6], r[0])
		VMINPS(r[4], r[6], r[1])
		VMAXPS(r[5], r[7], r[2])
		VMINPS(r[5], r[7], r[3])
		VMAXPS(r[1], r[2], r[4])
		VMINPS(r[1], r[2], r[2])
		sum := r[8]
		v.zero(sum)
		for i, k := range []VecPhysical{r[0], r[4], r[2], r[3]} {
			VMULPS(r[10+i], k, k)
			VADDPS(k, sum, sum)
		}
		if v.wide() {
			VPTERNLOGD(U8(0xff), sum, sum, K2, sum)
		} else {
			VORPS(r[9], sum, sum)
		}
		v.store(sum, m, w.s.at(y, 0))
	})
	v.end()
}

// rankTaps sorts by insertion.
func (v vectors) rankTaps() {
	const unordered = 3
	v.text("rankTaps", "func(y, x, weights *float32, "+walkParams+", last int)", "works like rankFour for up to 9 taps, of which those after the last count for nothing.")
	g := args("y", "x", "weights")
	y, x, weights := g[0], g[1], g[2]
	w := v.walk(false)
	kept, e, t, nan, lowest := v.r[:mostRanked], v.r[9], v.r[10], v.r[11], v.r[12]
	v.constant(float32(math.Inf(-1)), lowest)
	w.over([]GPVirtual{x}, []GPVirtual{y}, func(m *mask) {
		for _, k := range kept {
			VMOVAPS(lowest, k)
		}
		v.zero(nan)
		label := name("insert", 1, m)
		tap := GP64()
		XORQ(tap, tap)
		w.each(label, m, x, func(_ int, at Mem) {
			v.load(at, m, e)
			if v.wide() {
				VCMPPS(U8(unordered), e, e, K2)
				VPTERNLOGD(U8(0xff), nan, nan, K2, nan)
			} else {
				VCMPPS(U8(unordered), e, e, t)
				VORPS(t, nan, nan)
			}
			for i, k := range kept {
				exchange(k, e, t)
				if i+1 < len(kept) {
					CMPQ(tap, I8(i))
					JE(LabelRef(label + "_next"))
				}
			}
			Label(label + "_next")
			INCQ(tap)
		})
		last := args("last")[0]
		v.weigh(name("weigh", 1, m), weights, kept, last, e, t)
		VORPS(nan, e, e)
		v.store(e, m, w.s.at(y, 0))
	})
	v.end()
}

// keyed maps floats to integers in their order: zeros of both signs to one, and NaN to
// the largest.
func (v vectors) keyed(zero, r, t, u VecPhysical) {
	const unordered = 3
	VADDPS(zero, r, r)
	VPSRAD(U8(31), r, t)
	VPSRLD(U8(1), t, t)
	if v.wide() {
		VCMPPS(U8(unordered), r, r, K2)
		VPXORD(t, r, r)
		VMOVDQU32(v.floats("absolute", math.MaxInt32), K2, r)
		return
	}
	VCMPPS(U8(unordered), r, r, u)
	VPXOR(t, r, r)
	VBLENDVPS(u, v.floats("absolute", math.MaxInt32), r, r)
}

// rankGrad counts for each tap those before it in order, by all pairs, and looks the
// weight up by that. The weights are 16, the last ones 0.
func (v vectors) rankGrad(four bool) {
	taps := mostRanked
	if four {
		taps = 4
	}
	v.text(ofTaps("rankGrad", four), "func(dx, x, dy, weights *float32, "+walkParams+", keep uint32)",
		fmt.Sprintf("adds dy times the weight of its place in the order to each element, in dx & keep, for %d taps at most.", taps))
	g := args("dx", "x", "dy", "weights")
	dx, x, dy, weights := g[0], g[1], g[2], g[3]
	w := v.walk(four)
	ranks, e, t, u, zero := v.r[:taps], v.r[9], v.r[10], v.r[11], v.r[14]
	v.zero(zero)
	keys := AllocLocal(taps * v.bytes())
	key := func(i int) Mem { return keys.Offset(i * v.bytes()) }
	if !four {
		// Taps that there are not come last.
		for i := range taps {
			VMOVUPS(v.floats("lowest", 1<<31), e)
			VMOVUPS(e, key(i))
		}
	}
	// unrolled calls f for as many taps as there are.
	unrolled := func(label string, m *mask, base GPVirtual, f func(tap int, at Mem)) {
		if four {
			w.each(label, m, base, f)
			return
		}
		label = name(label, 1, m)
		here, off := GP64(), GP64()
		LEAQ(Mem{Base: base, Index: w.s.off, Scale: 1}, here)
		for i := range taps {
			MOVQ(Mem{Base: w.offs, Disp: 8 * i}, off)
			f(i, Mem{Base: here, Index: off, Scale: 4})
			if i+1 < taps {
				CMPQ(w.taps, I8(i+1))
				JE(LabelRef(label))
			}
		}
		Label(label)
	}
	w.over([]GPVirtual{dx, x}, []GPVirtual{dy}, func(m *mask) {
		unrolled("keys", m, x, func(tap int, at Mem) {
			v.load(at, m, e)
			v.keyed(zero, e, t, u)
			VMOVUPS(e, key(tap))
		})
		for i := range taps {
			VMOVUPS(v.floats(fmt.Sprint("count", i), uint32(i)), ranks[i])
		}
		for j := 1; j < taps; j++ {
			VMOVUPS(key(j), e)
			for i := range j {
				if v.wide() {
					VPCMPGTD(key(i), e, K2)
					VPADDD(v.floats("one", 1), ranks[i], K2, ranks[i])
					VPSUBD(v.floats("one", 1), ranks[j], K2, ranks[j])
				} else {
					VPCMPGTD(key(i), e, t)
					VPSUBD(t, ranks[i], ranks[i])
					VPADDD(t, ranks[j], ranks[j])
				}
			}
		}
		d, keep := v.r[12], v.r[13]
		v.load(w.s.at(dy, 0), m, d)
		v.scalar("keep", keep)
		unrolled("give", m, dx, func(tap int, at Mem) {
			rank := ranks[tap]
			if v.wide() {
				VPERMPS(Mem{Base: weights}, rank, t)
				VCMPPS(U8(notEqual), zero, t, K2)
				VMULPS_Z(d, t, K2, t)
			} else {
				VPERMPS(Mem{Base: weights}, rank, t)
				if !four {
					VPERMPS(Mem{Base: weights, Disp: 32}, rank, u)
					VPSLLD(U8(28), rank, rank)
					VBLENDVPS(rank, u, t, t)
				}
				VCMPPS(U8(notEqual), zero, t, u)
				VMULPS(d, t, t)
				VANDPS(u, t, t)
			}
			w.give(at, m, keep, t, e)
		})
	})
	v.end()
}
