package isa

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Transpose16 transposes the 16 x 16 floats of z, using t.
func Transpose16(z, t []VecPhysical) {
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
