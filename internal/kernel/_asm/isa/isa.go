// Package isa holds what the generators have in common: registers by number and
// the build constraint of their output.
package isa

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Tags adds the build constraint of every generated file.
func Tags() { ConstraintExpr("amd64,!noasm") }

// Z and Y are the 512-bit and the 256-bit registers.
var (
	Z = []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}
	Y = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}
)

// Float sets all lanes of v, of 512 bits, to f.
func Float(f float32, v VecPhysical) {
	t := GP32()
	MOVL(U32(math.Float32bits(f)), t)
	VPBROADCASTD(t, v)
}
