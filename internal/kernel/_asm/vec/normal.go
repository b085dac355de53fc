package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// normalRounds is how many rounds of Philox there are for a normal distribution, as in
// package philox.
const normalRounds = 7

var normalFormulas = map[string]string{"Add": "x + z", "Mul": "x + x·z"}

// normal draws numbers of a normal distribution, and adds them or multiplies by 1
// plus them, in one pass. It computes them as numberOf of package vec does.
func normal(l level, op string) {
	name := l.name("normal" + op)
	TEXT(name, NOSPLIT, "func(groups int, y, x, normals *float32, keys *uint32, block uint64)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s computes y = %s for groups of 64 elements from the given block on, with", name, normalFormulas[op]),
		"numbers z of a normal distribution.")
	groups := Load(Param("groups"), GP64())
	y := Load(Param("y"), GP64())
	x := Load(Param("x"), GP64())
	n := l.newNormals(Load(Param("normals"), GP64()))
	p := newPhilox(l, normalRounds)
	p.loop(groups, func(sets int) {
		drawn := p.draw(sets)
		n.load()
		for s, halves := range drawn {
			for h, half := range halves {
				disp := (2*s + h) * l.bits / 4 // 4 bytes for 16 bits
				for i, number := range n.of(half) {
					v := l.op(loadUPS, Mem{Base: x, Disp: disp + i*l.bytes()})
					VMOVUPS(l.applyNormal(op, v, number()), Mem{Base: y, Disp: disp + i*l.bytes()})
				}
			}
		}
		ADDQ(I32(int32(4*sets*p.elements)), x)
		ADDQ(I32(int32(4*sets*p.elements)), y)
	})
}

func (l level) applyNormal(op string, x, z Register) Register {
	if op == "Add" {
		return l.add(f32, x, z)
	}
	VFMADD231PS(x, z, x)
	return x
}

// normals makes numbers of a normal distribution of half-words.
type normals struct {
	l     level
	table Register // its address: 32 coefficients of each power
	// Of wide vectors alone:
	low    [3]Register // the first 16 coefficients of each power
	upper  Register    // the places of the half-words of the upper half
	places Register    // mask of the low half-words of words
}

func (l level) newNormals(table Register) *normals {
	n := &normals{l: l, table: table}
	if l.wide() {
		n.upper = l.op(loadUPS, constant("upperWords", 64, func() {
			for i := range 16 {
				DATA(4*i, U32(uint32(16+i)))
			}
		}))
		t := GP32()
		MOVL(U32(0x55555555), t)
		n.places = K()
		KMOVD(t, n.places)
	}
	return n
}

// load must come before of: it loads what there are registers for after drawing alone.
func (n *normals) load() {
	if n.l.wide() {
		for power := range n.low {
			n.low[power] = n.l.op(loadUPS, n.at(power, 0))
		}
	}
}

func (n *normals) at(power, vector int) Mem {
	return Mem{Base: n.table, Disp: 128*power + vector*n.l.bytes()}
}

// of returns what emits the numbers of either half of a vector of half-words.
func (n *normals) of(half Register) [2]func() Register {
	l := n.l
	low, high := l.vec(), l.vec()
	if !l.wide() {
		upper := XMM()
		VEXTRACTI128(U8(1), half, upper)
		VPMOVZXWD(half.(Vec).AsX(), low)
		VPMOVZXWD(upper, high)
		return [2]func() Register{func() Register { return n.signed(low) }, func() Register { return n.signed(high) }}
	}
	odd, lowSigns, highSigns := ZMM(), K(), K()
	VPBROADCASTD(l.words(0x00010001), odd)
	VPTESTMW(odd, half, lowSigns)
	VPORD(odd, half, odd)
	VPMOVZXWD(odd.AsY(), low)
	VPERMW_Z(odd, n.upper, n.places, high)
	KSHIFTRD(U8(16), lowSigns, highSigns)
	return [2]func() Register{
		func() Register { return n.negated(low, lowSigns) },
		func() Register { return n.negated(high, highSigns) },
	}
}

// signed returns the numbers of half-words below zeros, which it may change.
func (n *normals) signed(words Register) Register {
	l := n.l
	if l.wide() {
		odd, signs := l.vec(), K()
		VPBROADCASTD(l.words(1), odd)
		VPTESTMD(odd, words, signs)
		VPORD(odd, words, odd)
		return n.negated(odd, signs)
	}
	odd := l.vec()
	VPOR(l.words(1), words, odd)
	z := n.number(odd)
	VPSLLD(U8(31), words, words)
	VPXOR(words, z, z)
	return z
}

// negated returns the numbers of words that are odd, less than 0 where signs are set.
func (n *normals) negated(odd, signs Register) Register {
	z := n.number(odd)
	VPXORD_BCST(n.l.words(1<<31), z, signs, z)
	return z
}

// number returns the numbers of words that are odd.
func (n *normals) number(odd Register) Register {
	l := n.l
	t, half := l.vec(), l.vec()
	VCVTDQ2PS(odd, t)
	VPSRLD(U8(22), t, half)
	z := n.pick(2, half)
	for power := 1; power >= 0; power-- {
		VFMADD213PS(n.pick(power, half), t, z)
	}
	return z
}

// pick returns the coefficients of a power for halves of octaves.
func (n *normals) pick(power int, half Register) Register {
	l := n.l
	if l.wide() {
		c := l.vec()
		VMOVDQA32(half, c)
		VPERMI2PS(n.at(power, 1), n.low[power], c)
		return c
	}
	quarter := func(i int) Register { return l.op(VPERMPS, n.at(power, i), half) }
	choose := func(bit uint8, high, low Register) {
		m := l.vec()
		VPSLLD(U8(31-bit), half, m)
		VBLENDVPS(m, high, low, low)
	}
	low, high := quarter(0), quarter(2)
	choose(3, quarter(1), low)
	choose(3, quarter(3), high)
	choose(4, high, low)
	return low
}

// words is v in memory: once for a level that can broadcast it from there, else in all
// lanes of 32 bits.
func (l level) words(v uint32) Mem {
	lanes := 8
	if l.wide() {
		lanes = 1
	}
	return constant(fmt.Sprintf("words%d_%08x", lanes, v), 4*lanes, func() {
		for i := range lanes {
			DATA(4*i, U32(v))
		}
	})
}
