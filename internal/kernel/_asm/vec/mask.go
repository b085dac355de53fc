package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The bits of a mask are drawn by Philox4x32-10 (Salmon et al., Parallel Random
// Numbers: As Easy as 1, 2, 3, SC 2011), a vector of counters at a time, each in a
// lane of 64 bits. Its four words lie in the low halves of the lanes of four
// registers; what is in the high halves does not matter.
//
// A round makes of words a b c d
//
//	hi(c·m1)^b^k0, lo(c·m1), hi(a·m0)^d^k1, lo(a·m0)
//
// Of the words of a counter, only the first differs from lane to lane. So a factor
// of the first round is constant, and one of the second, and what they add to the
// words is part of the keys: see Keys of package philox.
const (
	philoxMul0, philoxMul1 = 0xD2511F53, 0xCD9E8D57
	maskRounds             = 10
)

// A philox is what the draws of a function have in common.
type philox struct {
	l          level
	keys       Register // their address
	counter    Register // of the next vector
	more       Op       // by how much it grows
	mul0, mul1 Op
	threshold  Register
	even       Register // mask of the even lanes of 32 bits, where there are masks
	blocks     int      // a vector
	elements   int
	rounds     int
}

// newPhilox loads the parameters keys and block. The counters of a
// vector are in the order 0 2 1 3, or 0 4 1 5 2 6 3 7: so, interleaving the first
// and the second halves of blocks brings elements in order.
func newPhilox(l level, rounds int) *philox {
	p := &philox{l: l, blocks: l.bits / 64, elements: l.bits / 8, rounds: rounds}
	p.keys = Load(Param("keys"), GP64())
	broadcast := func(from Register) Register {
		y := l.vec()
		if l.wide() {
			VPBROADCASTQ(from, y)
			return y
		}
		x := XMM()
		MOVQ(from, x)
		VPBROADCASTQ(x, y)
		return y
	}
	// What the narrow level has no registers for lies in memory.
	number := func(v uint32) Op {
		if !l.wide() {
			return constant(fmt.Sprintf("numbers%x", v), 32, func() {
				for i := range 4 {
					DATA(8*i, U64(v))
				}
			})
		}
		t := GP64()
		MOVL(U32(v), t.As32())
		return broadcast(t)
	}
	p.mul0, p.mul1 = number(philoxMul0), number(philoxMul1)
	p.more = number(uint32(p.blocks))
	order := constant(l.name("order"), 8*p.blocks, func() {
		for i := range p.blocks {
			DATA(8*i, U64(uint64(i/2+i%2*p.blocks/2)))
		}
	})
	p.counter = broadcast(Load(Param("block"), GP64()))
	VPADDQ(order, p.counter, p.counter)
	if l.wide() {
		t := GP32()
		MOVL(U32(0x5555), t)
		p.even = K()
		KMOVW(t, p.even)
	}
	return p
}

// newDraws loads the parameter threshold too.
func newDraws(l level) *philox {
	p := newPhilox(l, maskRounds)
	threshold := Load(Param("threshold"), GP32())
	p.threshold = l.vec()
	if l.wide() {
		VPBROADCASTW(threshold, p.threshold)
	} else {
		x := XMM()
		MOVD(threshold, x)
		VPBROADCASTW(x, p.threshold)
	}
	return p
}

// key returns key i, for xor: in memory where that can broadcast.
func (p *philox) key(i int) Op {
	m := Mem{Base: p.keys, Disp: 4 * i}
	if p.l.wide() {
		return m
	}
	k := p.l.vec()
	VPBROADCASTD(m, k)
	return k
}

// xor is y ^= key.
func (p *philox) xor(key Op, y Register) {
	if p.l.wide() {
		VPXORD_BCST(key, y, y)
	} else {
		VPXOR(key, y, y)
	}
}

// xor2 is y ^= w ^ key.
func (p *philox) xor2(key Op, w, y Register) {
	if p.l.wide() {
		VPTERNLOGD_BCST(U8(0x96), key, w, y)
	} else {
		VPXOR(w, y, y)
		VPXOR(key, y, y)
	}
}

// draw emits the rounds of sets vectors of counters, and returns for each two
// registers of half-words in the order of the elements.
func (p *philox) draw(sets int) [][2]Register {
	l := p.l
	multiply := func(m Op, w Register) (product, high Register) {
		product, high = l.vec(), l.vec()
		VPMULUDQ(m, w, product)
		VPSRLQ(U8(32), product, high)
		return product, high
	}
	c := make([][4]Register, sets) // words; nil while constant
	k := p.key(0)
	for s := range c {
		w := &c[s]
		w[3], w[2] = multiply(p.mul0, p.counter)
		p.xor(k, w[2])
		VPADDQ(p.more, p.counter, p.counter)
	}
	k, k1 := p.key(1), p.key(2)
	for s := range c {
		w := &c[s]
		w[1], w[0] = multiply(p.mul1, w[2])
		p.xor(k, w[0])
		w[2], w[3] = w[3], nil
		p.xor(k1, w[2])
	}
	for r := 2; r < p.rounds-1; r++ {
		k, k1 := p.key(2*r-1), p.key(2*r)
		for s := range c {
			w := &c[s]
			a, aHigh := multiply(p.mul0, w[0])
			b, bHigh := multiply(p.mul1, w[2])
			p.xor2(k, w[1], bHigh)
			if w[3] == nil {
				p.xor(k1, aHigh)
			} else {
				p.xor2(k1, w[3], aHigh)
			}
			*w = [4]Register{bHigh, b, aHigh, a}
		}
	}
	k, k1 = p.key(2*p.rounds-3), p.key(2*p.rounds-2)
	out := make([][2]Register, sets)
	for s := range c {
		first, second := p.last(p.mul1, k, c[s][2], c[s][1]), p.last(p.mul0, k1, c[s][0], c[s][3])
		out[s] = [2]Register{l.vec(), l.vec()}
		VPUNPCKLQDQ(second, first, out[s][0])
		VPUNPCKHQDQ(second, first, out[s][1])
	}
	return out
}

// last is half of the last round: two words side by side, hi(w·m)^other^k below
// lo(w·m).
func (p *philox) last(m, k Op, w, other Register) Register {
	y := p.l.vec()
	VPMULUDQ(m, w, y)
	if p.l.wide() {
		VPROLQ(U8(32), y, y)
		VPTERNLOGD_BCST(U8(0x96), k, other, p.even, y)
		return y
	}
	high := p.l.vec()
	VPSRLQ(U8(32), y, high)
	p.xor2(k, other, high)
	VPSLLQ(U8(32), y, y)
	VPBLENDD(U8(0xAA), y, high, y)
	return y
}

const notBelow = 5 // of the unsigned comparisons

// kept compares half-words with the threshold: where it is reached, they become
// all ones.
func (p *philox) kept(half Register) Register {
	m := p.l.vec()
	VPMAXUW(half, p.threshold, m)
	VPCMPEQW(half, m, m)
	return m
}

// sets is the number of vectors of counters drawn together, to have work while a
// product is on its way.
func (l level) sets() int { return map[int]int{256: 2, 512: 4}[l.bits] }

const drawParams = "keys *uint32, block uint64, threshold uint32"

// maskApply draws and applies in one pass.
func maskApply(l level) {
	TEXT(l.name("maskApply"), NOSPLIT, "func(groups int, y, x *float32, "+drawParams+", scale float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes y = 0 where the half-word of an element is below threshold, else", l.name("maskApply")),
		"x·scale, for groups of 64 elements from the given block on.")
	maskBody(l, false)
}

// maskShift is maskApply for an affine map and a value in the place of 0.
func maskShift(l level) {
	TEXT(l.name("maskShift"), NOSPLIT, "func(groups int, y, x *float32, "+drawParams+", scale, gap, base float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes y = base where the half-word of an element is below threshold, else", l.name("maskShift")),
		"x·scale + gap + base, for groups of 64 elements from the given block on.")
	maskBody(l, true)
}

func maskBody(l level, shift bool) {
	groups := Load(Param("groups"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	p := newDraws(l)
	at, _ := Param("scale").Resolve()
	scale := l.op(broadcastSS, at.Addr)
	var gap, base Mem // where they are broadcast from: there are no registers left
	if shift {
		at, _ := Param("gap").Resolve()
		gap = at.Addr
		at, _ = Param("base").Resolve()
		base = at.Addr
	}

	apply := func(sets int) {
		for s, halves := range p.draw(sets) {
			for h, half := range halves {
				disp := (2*s + h) * l.bits / 4 // 4 bytes for 16 bits
				if !l.wide() {
					m, high := p.kept(half), XMM()
					VEXTRACTI128(U8(1), m, high)
					for q, words := range []Register{m.(Vec).AsX(), high} {
						keep, v := l.vec(), l.vec()
						VPMOVSXWD(words, keep)
						VMULPS(Mem{Base: x, Disp: disp + 32*q}, scale, v)
						if shift {
							VADDPS(l.op(broadcastSS, gap), v, v)
						}
						VANDPS(keep, v, v)
						if shift {
							VADDPS(l.op(broadcastSS, base), v, v)
						}
						VMOVUPS(v, Mem{Base: y, Disp: disp + 32*q})
					}
					continue
				}
				k, high := K(), K()
				VPCMPUW(U8(notBelow), p.threshold, half, k)
				KSHIFTRD(U8(16), k, high)
				for q, keep := range []Register{k, high} {
					// A load by itself does not wait for the mask.
					v := l.op(loadUPS, Mem{Base: x, Disp: disp + 64*q})
					if shift {
						VMULPS(v, scale, v)
						VADDPS_BCST_Z(gap, v, keep, v)
						VADDPS_BCST(base, v, v)
					} else {
						VMULPS_Z(v, scale, keep, v)
					}
					VMOVUPS(v, Mem{Base: y, Disp: disp + 64*q})
				}
			}
		}
		ADDQ(I32(int32(4*sets*p.elements)), x)
		ADDQ(I32(int32(4*sets*p.elements)), y)
	}
	p.loop(groups, apply)
}

// loop calls emit for as many sets at a time as there are, and ends the function.
func (p *philox) loop(groups Register, emit func(sets int)) {
	most, group := p.l.sets(), 64/p.elements // sets
	Label("most")
	SUBQ(I32(int32(most/group)), groups)
	JL(LabelRef("rest"))
	emit(most)
	JMP(LabelRef("most"))
	Label("rest")
	ADDQ(I32(int32(most/group)), groups)
	JZ(LabelRef("done"))
	if most > group {
		Label("one")
		emit(group)
		DECQ(groups)
		JNZ(LabelRef("one"))
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// maskBits draws the bits alone.
func maskBits(l level) {
	TEXT(l.name("maskBits"), NOSPLIT, "func(groups int, bits *uint64, "+drawParams+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s writes one bit for each element of groups of 64 from the given block on: 0 where its", l.name("maskBits")),
		"half-word is below threshold, else 1.")
	groups := Load(Param("groups"), GP64())
	bits := Load(Param("bits"), GP64())
	p := newDraws(l)
	p.loop(groups, func(sets int) {
		for s, halves := range p.draw(sets) {
			if l.wide() {
				low, high := K(), K()
				VPCMPUW(U8(notBelow), p.threshold, halves[0], low)
				VPCMPUW(U8(notBelow), p.threshold, halves[1], high)
				KMOVD(low, Mem{Base: bits, Disp: 8 * s})
				KMOVD(high, Mem{Base: bits, Disp: 8*s + 4})
				continue
			}
			low, high := p.kept(halves[0]), p.kept(halves[1])
			word := GP32()
			VPACKSSWB(high, low, low)
			VPERMQ(U8(0xD8), low, low)
			VPMOVMSKB(low, word)
			MOVL(word, Mem{Base: bits, Disp: 4 * s})
		}
		ADDQ(I32(int32(sets*p.elements/8)), bits)
	})
}

// words draws whole words.
func words(l level, title string, rounds int) {
	TEXT(l.name(title), NOSPLIT, "func(groups int, words, keys *uint32, block uint64)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s writes the words of groups of 8 blocks from the given one on.", l.name(title)))
	groups := Load(Param("groups"), GP64())
	words := Load(Param("words"), GP64())
	p := newPhilox(l, rounds)
	p.loop(groups, func(sets int) {
		for s, halves := range p.draw(sets) {
			for h, half := range halves {
				VMOVUPS(half, Mem{Base: words, Disp: (2*s + h) * l.bytes()})
			}
		}
		ADDQ(I32(int32(2*sets*l.bytes())), words)
	})
}

// bitsApply applies bits that were drawn before.
func bitsApply(l level) {
	TEXT(l.name("bitsApply"), NOSPLIT, "func(n int, y, x *float32, bits *uint64, scale float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes y = 0 where the bit of an element is 0, else x·scale.", l.name("bitsApply")))
	n := Load(Param("n"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	bits := Load(Param("bits"), GP64())
	at, _ := Param("scale").Resolve()
	scale := l.op(broadcastSS, at.Addr)
	lanes := l.bits / 32

	// each holds, for narrow vectors, the bit of each lane within byte b of 32 bits.
	each := make([]Register, 0, 4)
	if !l.wide() {
		for b := range 4 {
			m := constant(fmt.Sprintf("bitsOfByte%d", b), 32, func() {
				for j := range 8 {
					DATA(4*j, U32(1<<(8*b+j)))
				}
			})
			each = append(each, l.op(loadUPS, m))
		}
	}
	expand := func(words Register, b int) Register {
		m := l.vec()
		VPAND(each[b], words, m)
		VPCMPEQD(each[b], m, m)
		return m
	}

	Label("group")
	SUBQ(U8(64), n)
	JL(LabelRef("rest"))
	var words Register
	for v := range 64 / lanes {
		disp := v * l.bytes()
		r := l.vec()
		if l.wide() {
			k := K()
			KMOVW(Mem{Base: bits, Disp: 2 * v}, k)
			VMULPS_Z(Mem{Base: x, Disp: disp}, scale, k, r)
		} else {
			if v%4 == 0 {
				words = l.vec()
				VPBROADCASTD(Mem{Base: bits, Disp: v}, words)
			}
			VMULPS(Mem{Base: x, Disp: disp}, scale, r)
			VANDPS(expand(words, v%4), r, r)
		}
		VMOVUPS(r, Mem{Base: y, Disp: disp})
	}
	ADDQ(U32(256), x)
	ADDQ(U32(256), y)
	ADDQ(U8(8), bits)
	JMP(LabelRef("group"))

	Label("rest")
	ADDQ(U8(64), n)
	JZ(LabelRef("done"))
	word := GP64()
	MOVQ(Mem{Base: bits}, word)
	vector := func(mask Register) {
		r := l.vec()
		if l.wide() {
			k := K()
			KMOVW(word.As32(), k)
			if mask == nil {
				VMULPS_Z(Mem{Base: x}, scale, k, r)
				VMOVUPS(r, Mem{Base: y})
				return
			}
			KANDW(mask, k, k)
			VMULPS_Z(Mem{Base: x}, scale, k, r)
			VMOVUPS(r, mask, Mem{Base: y})
			return
		}
		low, words := XMM(), l.vec()
		MOVQ(word, low)
		VPBROADCASTD(low, words)
		if mask == nil {
			VMULPS(Mem{Base: x}, scale, r)
			VANDPS(expand(words, 0), r, r)
			VMOVUPS(r, Mem{Base: y})
			return
		}
		VMASKMOVPS(Mem{Base: x}, mask, r)
		VMULPS(r, scale, r)
		VANDPS(expand(words, 0), r, r)
		VMASKMOVPS(r, mask, Mem{Base: y})
	}
	Label("single")
	SUBQ(U8(uint8(lanes)), n)
	JL(LabelRef("tail"))
	vector(nil)
	SHRQ(U8(uint8(lanes)), word)
	ADDQ(U8(uint8(l.bytes())), x)
	ADDQ(U8(uint8(l.bytes())), y)
	JMP(LabelRef("single"))
	Label("tail")
	ADDQ(U8(uint8(lanes)), n)
	JZ(LabelRef("done"))
	vector(tailMask(l, n))
	Label("done")
	VZEROUPPER()
	RET()
}
