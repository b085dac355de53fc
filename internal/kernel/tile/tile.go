// Package tile computes a small block of a matrix product in registers, and puts
// matrices into the order in which that is fastest. The matrix product and the
// convolutions are loops around it.
//
// The method is that of Goto, van de Geijn, Anatomy of High-Performance Matrix
// Multiplication, ACM TOMS 34, 2008: one column of A times one row of B at a
// time, added to a block of C that stays in registers.
package tile

//go:generate go run -C ../_asm ./tile -out ../tile/tile_amd64.s -stubs ../tile/tile_amd64.go -pkg tile

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
)

// Args describes one tile:
//
//	C = Bias + C + Σ over o < Outer and k < Depth of A_k · B_k
//
// where A_k is a column of Rows numbers and B_k a row of Cols. From one k to the
// next A and B move by a step, after each turn of the outer loop by a delta on
// top of that. Steps and deltas are in bytes.
//
// The sum is taken in the order of k and starts from Bias; C is added last. So a
// number of C has the same bits in a tile of any size.
//
// Nothing outside of A's rows and the first Cols columns of B, C and Bias is read
// or written. A call cannot be interrupted: keep Outer·Depth below some 10,000.
type Args struct {
	A, B, C, Bias unsafe.Pointer // Bias is Cols numbers, added to each row, or nil

	Outer, Depth  int
	AStep, ADelta int
	BStep, BDelta int
	CStep         int // from one row of C to the next

	Rows, Cols int // 1 to [Rows] and 1 to [Cols]

	// InPlace says that A is a row-major matrix: AStep is from one row to the
	// next, and k moves by one number. Otherwise A_k is Rows numbers side by side
	// and AStep is from one k to the next.
	InPlace    bool
	Accumulate bool // add what C holds; otherwise it is not read
	ReLU       bool // C = max(C, 0) at the end; NaN stays NaN

	// Ahead is memory to fetch meanwhile, Lanes numbers for each k: where the next
	// panel of A lies. It may be 0, and anything else too.
	Ahead uintptr
}

// Rows returns the most rows of a tile.
func Rows() int { return shapes[cpu.Get()].rows }

// Cols returns the most columns of a tile.
func Cols() int { return shapes[cpu.Get()].cols }

// Lanes returns how many numbers a vector holds. A tile of that many columns or
// fewer does half the work of a full one.
func Lanes() int { return shapes[cpu.Get()].lanes }

var shapes = [...]struct{ rows, cols, lanes int }{
	cpu.Go:     {goRows, goCols, goLanes},
	cpu.AVX2:   {6, 16, 8},
	cpu.AVX512: {14, 32, 16},
}

// Panels are the blocks of rows in which a matrix passes through tiles: as few as
// can be, with heights that differ by at most one, since a tile of few rows is
// slow.
type Panels struct{ n, height, taller int }

// Split cuts m rows into panels.
func Split(m int) Panels {
	rows := Rows()
	n := (m + rows - 1) / rows
	if n == 0 {
		return Panels{}
	}
	return Panels{n, m / n, m % n}
}

// Len returns the number of panels.
func (p Panels) Len() int { return p.n }

// At returns the first row of panel i and its height. At(Len()) starts where the
// last panel ends.
func (p Panels) At(i int) (row, height int) {
	if i < p.taller {
		return i * (p.height + 1), p.height + 1
	}
	return i*p.height + p.taller, p.height
}
