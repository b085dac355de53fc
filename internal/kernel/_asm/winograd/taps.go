package main

import (
	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Filters lie behind each other, with 9 or 25 taps; a transform wants a tap of all
// filters in a vector. Blocks of taps are transposed: of 16, of which the last has
// 9, or of 8, of which the last has one.

// nineMask sets the mask of nine lanes.
func (s *set) nineMask() {
	if s.lanes == 16 {
		k := GP32()
		MOVL(U32(1<<9-1), k)
		KMOVW(k, K1)
	}
}

// eachRow emits f for lanes rows from an address on.
func (s *set) eachRow(first, step, step3 Register, f func(i int, m Mem)) {
	row := GP64()
	MOVQ(first, row)
	for i := range s.lanes {
		m := Mem{Base: row}
		switch i % 4 {
		case 1, 2:
			m.Index, m.Scale = step, uint8(i%4)
		case 3:
			m.Index, m.Scale = step3, 1
		}
		f(i, m)
		if i%4 == 3 && i+1 < s.lanes {
			LEAQ(Mem{Base: row, Index: step, Scale: 4}, row)
		}
	}
}

// loadTaps reads n floats from each of lanes rows: operand k of the result holds
// the k-th of every row.
func (s *set) loadTaps(n int, row, step, step3 Register) []Op {
	taps := s.vectors(n, 9, isa.Z[16:])
	for at := 0; at < n; at += s.lanes {
		block := taps[at:min(at+s.lanes, n)]
		if len(block) == 1 {
			tap := GP32()
			s.eachRow(row, step, step3, func(i int, m Mem) {
				MOVL(m.Offset(4*at), tap)
				MOVL(tap, block[0].(Mem).Offset(4*i))
			})
			continue
		}
		s.eachRow(row, step, step3, func(i int, m Mem) {
			if len(block) < s.lanes {
				VMOVUPS_Z(m.Offset(4*at), K1, s.all[i])
			} else {
				VMOVUPS(m.Offset(4*at), s.all[i])
			}
		})
		s.transpose()
		for k, to := range block {
			VMOVUPS(s.all[k], to)
		}
	}
	return taps
}

// storeTaps is the inverse of loadTaps.
func (s *set) storeTaps(taps []Op, row, step, step3 Register) {
	for at := 0; at < len(taps); at += s.lanes {
		block := taps[at:min(at+s.lanes, len(taps))]
		if len(block) == 1 {
			tap := GP32()
			s.eachRow(row, step, step3, func(i int, m Mem) {
				MOVL(block[0].(Mem).Offset(4*i), tap)
				MOVL(tap, m.Offset(4*at))
			})
			continue
		}
		for k, from := range block {
			if from != Op(s.all[k]) {
				VMOVUPS(from, s.all[k])
			}
		}
		s.transpose()
		s.eachRow(row, step, step3, func(i int, m Mem) {
			if len(block) < s.lanes {
				VMOVUPS(s.all[i], K1, m.Offset(4*at))
			} else {
				VMOVUPS(s.all[i], m.Offset(4*at))
			}
		})
	}
}

// vectors returns room for n vectors: in registers if there are as many as most
// and the set has those, else on the stack.
func (s *set) vectors(n, most int, registers []VecPhysical) []Op {
	room := make([]Op, n)
	if s.lanes == 16 && n <= most {
		for i := range room {
			room[i] = registers[i]
		}
		return room
	}
	stack := AllocLocal(4 * s.lanes * n)
	for i := range room {
		room[i] = stack.Offset(4 * s.lanes * i)
	}
	return room
}

// transpose transposes the first lanes registers, and uses as many behind them.
func (s *set) transpose() {
	if s.lanes == 16 {
		isa.Transpose16(isa.Z[:16], isa.Z[16:])
	} else {
		transpose8(isa.Y[:8], isa.Y[8:])
	}
}

// transpose8 transposes the 8 x 8 floats of v, using t.
func transpose8(v, t []VecPhysical) {
	for i := range 4 {
		VUNPCKLPS(v[2*i+1], v[2*i], t[2*i])
		VUNPCKHPS(v[2*i+1], v[2*i], t[2*i+1])
	}
	for i := range 2 {
		VUNPCKLPD(t[4*i+2], t[4*i], v[4*i])
		VUNPCKHPD(t[4*i+2], t[4*i], v[4*i+1])
		VUNPCKLPD(t[4*i+3], t[4*i+1], v[4*i+2])
		VUNPCKHPD(t[4*i+3], t[4*i+1], v[4*i+3])
	}
	for i := range 4 {
		VPERM2F128(U8(0x31), v[4+i], v[i], t[i])
		VPERM2F128(U8(0x20), v[4+i], v[i], v[i])
	}
	for i := range 4 {
		VMOVAPS(t[i], v[4+i])
	}
}
