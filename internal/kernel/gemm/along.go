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
	rows := max(tile.Rows(), most/(4*g.k+1)/tile.Rows()*tile.Rows())
	step := tile.Split(min(rows, g.m)).Len() * tile.RowStep()
	w, p := borrow(g.k * step)
	defer w.giveBack()
	for i := 0; i < g.m; i += rows {
		s := *g
		s.m = min(rows, g.m-i)
		s.c = unsafe.Add(g.c, i*g.cRow)
		s.a = source(g.a, g.aRow, i, 0, !g.transA)
		s.left, s.leftStep = p, tile.Split(s.m).Len()*tile.RowStep()
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
	inPlace := !g.transB && g.m <= 3*tile.Rows()
	var own unsafe.Pointer
	if g.right == nil && !inPlace {
		var w *workspace
		w, own = borrow(g.block * tile.ColStep(wide))
		defer w.giveBack()
	}
	for b := range g.parts() {
		k0, depth := g.part(b)
		for p := lo; p < hi; p++ {
			j := p * wide
			width := min(wide, g.n-j)
			right := own
			switch {
			case g.right != nil:
				right = unsafe.Add(g.rightAt(k0), p*depth*tile.ColStep(wide))
			case own != nil:
				tile.PackCols(own, source(g.b, g.bRow, j, k0, g.transB), g.bRow, width, depth, g.transB)
			}
			g.tiles(0, g.m, j, j+width, k0, depth, g.leftAt(k0), right)
		}
	}
}
