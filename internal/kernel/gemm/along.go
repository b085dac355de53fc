package gemm

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// runAlong packs the left operand once and hands out columns of C, of which there
// are more than rows. Who takes some packs those columns of the right operand,
// unless they are.
func (g *gemm) runAlong() {
	if g.leftInPlace() {
		g.along()
		return
	}
	rows := max(tile.Rows(), most/(4*g.k)/tile.Rows()*tile.Rows())
	step := tile.Split(min(rows, g.m)).Len() * tile.RowStep()
	m := passes.Borrow(g.k * step / 4)
	defer m.GiveBack()
	for i := 0; i < g.m; i += rows {
		s := *g
		s.m = min(rows, g.m-i)
		s.c = unsafe.Add(g.c, i*g.cRow)
		s.a = source(g.a, g.aRow, i, 0, !g.transA)
		s.left, s.leftStep = m.Start(), tile.Split(s.m).Len()*tile.RowStep()
		s.packLeft()
		s.along()
	}
}

func (g *gemm) along() {
	panels := (g.n + tile.Cols() - 1) / tile.Cols()
	// For few rows, reading the right operand takes as long as eight more would.
	pool.Run(panels, chunk(panels, 1, 8, tile.Cols()*(g.m+8)*g.k), alongJob{*g})
}

type alongJob struct{ gemm }

// Do computes the panels [lo, hi) of columns of C.
func (g *alongJob) Do(lo, hi int) {
	wide := tile.Cols()
	j0, j1 := lo*wide, min(hi*wide, g.n)
	var own unsafe.Pointer
	if g.right == nil && !g.rightInPlace() {
		m := jobs.Borrow(g.block * tile.ColStep(j1-j0) / 4)
		defer m.GiveBack()
		own = m.Start()
	}
	for b := range g.parts() {
		k0, depth := g.part(b)
		right := own
		if own != nil {
			tile.PackCols(own, source(g.b, g.bRow, j0, k0, g.transB), g.bRow, j1-j0, depth, g.transB)
		} else if g.right != nil {
			right = unsafe.Add(g.rightAt(k0), lo*depth*tile.ColStep(wide))
		}
		g.tiles(0, g.m, j0, j1, k0, depth, g.leftAt(k0), right)
	}
}

// rightInPlace reports whether packing the right operand would cost more than it
// brings: for few rows, if the rows of the operand start on cache lines and it is
// small enough for the caches, since a tile leaps from one row to the next. So the
// time that a product takes, not its result, depends on where B lies.
func (g *gemm) rightInPlace() bool {
	rows := tile.Rows()
	if (uintptr(g.b)|uintptr(g.bRow))%64 == 0 {
		rows *= 3
	}
	return !g.transB && g.m <= rows && g.k*g.bRow <= 8<<20
}
