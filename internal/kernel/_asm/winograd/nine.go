package main

import (
	"github.com/thinnet/thinnet/internal/kernel/asm/isa"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// nineMask sets the mask of nine lanes.
func (s *set) nineMask() {
	if s.lanes == 16 {
		k := GP32()
		MOVL(U32(1<<9-1), k)
		KMOVW(k, K1)
	}
}

// rows returns the addresses of rows i, at most 8 of them from the register.
func rows(from, step, step3 Register, i int) Mem {
	m := Mem{Base: from}
	switch i {
	case 1, 2:
		m.Index, m.Scale = step, uint8(i)
	case 3:
		m.Index, m.Scale = step3, 1
	}
	return m
}

// loadNine reads nine floats from each of lanes rows: operand k of the result
// holds the k-th of every row.
func (s *set) loadNine(row, step, step3 Register, scratch Mem) []Op {
	nine := make([]Op, 9)
	if s.lanes == 16 {
		for i := range 16 {
			VMOVUPS_Z(rows(row, step, step3, i%4), K1, isa.Z[i])
			if i%4 == 3 && i < 15 {
				LEAQ(Mem{Base: row, Index: step, Scale: 4}, row)
			}
		}
		transpose16(isa.Z[:16], isa.Z[16:32])
		for k := range nine {
			VMOVAPS(isa.Z[k], isa.Z[16+k])
			nine[k] = isa.Z[16+k]
		}
		return nine
	}
	ninth := GP32()
	for i := range 8 {
		m := rows(row, step, step3, i%4)
		VMOVUPS(m, isa.Y[i])
		m.Disp = 32
		MOVL(m, ninth)
		MOVL(ninth, scratch.Offset(8*32+4*i))
		if i == 3 {
			LEAQ(Mem{Base: row, Index: step, Scale: 4}, row)
		}
	}
	transpose8(isa.Y[:8], isa.Y[8:16])
	for k := range nine {
		nine[k] = scratch.Offset(32 * k)
		if k < 8 {
			VMOVUPS(isa.Y[k], scratch.Offset(32*k))
		}
	}
	return nine
}

// storeNine is the inverse of loadNine, from the registers 0 to 8.
func (s *set) storeNine(nine []VecPhysical, row, step, step3 Register, scratch Mem) {
	if s.lanes == 16 {
		transpose16(isa.Z[:16], isa.Z[16:32])
		for i := range 16 {
			VMOVUPS(isa.Z[i], K1, rows(row, step, step3, i%4))
			if i%4 == 3 && i < 15 {
				LEAQ(Mem{Base: row, Index: step, Scale: 4}, row)
			}
		}
		return
	}
	VMOVUPS(nine[8], scratch)
	transpose8(isa.Y[:8], isa.Y[8:16])
	ninth := GP32()
	for i := range 8 {
		m := rows(row, step, step3, i%4)
		VMOVUPS(isa.Y[i], m)
		m.Disp = 32
		MOVL(scratch.Offset(4*i), ninth)
		MOVL(ninth, m)
		if i == 3 {
			LEAQ(Mem{Base: row, Index: step, Scale: 4}, row)
		}
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

// transpose16 transposes the 16 x 16 floats of z, using t.
func transpose16(z, t []VecPhysical) {
	for i := range 8 {
		VUNPCKLPS(z[2*i+1], z[2*i], t[2*i])
		VUNPCKHPS(z[2*i+1], z[2*i], t[2*i+1])
	}
	for i := range 4 {
		VUNPCKLPD(t[4*i+2], t[4*i], z[4*i])
		VUNPCKHPD(t[4*i+2], t[4*i], z[4*i+1])
		VUNPCKLPD(t[4*i+3], t[4*i+1], z[4*i+2])
		VUNPCKHPD(t[4*i+3], t[4*i+1], z[4*i+3])
	}
	// Lane l of z[4i+r] now holds rows 4i to 4i+3 of column 4l+r.
	for r := range 4 {
		VSHUFF32X4(U8(0x88), z[4+r], z[r], t[r])
		VSHUFF32X4(U8(0xdd), z[4+r], z[r], t[4+r])
		VSHUFF32X4(U8(0x88), z[12+r], z[8+r], t[8+r])
		VSHUFF32X4(U8(0xdd), z[12+r], z[8+r], t[12+r])
	}
	for r := range 4 {
		VSHUFF32X4(U8(0x88), t[8+r], t[r], z[r])
		VSHUFF32X4(U8(0xdd), t[8+r], t[r], z[8+r])
		VSHUFF32X4(U8(0x88), t[12+r], t[4+r], z[4+r])
		VSHUFF32X4(U8(0xdd), t[12+r], t[4+r], z[12+r])
	}
}
