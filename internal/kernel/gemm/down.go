package gemm

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/scratch"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// most is how many bytes of a packed operand are held at one time.
const most = 24 << 20

// Memory for packed operands: what all workers read, and what one of them does.
var passes, jobs scratch.List

// runDown packs the right operand once, unless it is, and hands out rows of C, of
// which there are many. Who takes some packs those rows of the left operand.
func (g *gemm) runDown() {
	if g.right != nil {
		g.down()
		return
	}
	wide := tile.Cols()
	cols := max(wide, most/(4*g.k)/wide*wide)
	m := passes.Borrow(g.k * tile.ColStep(min(cols, g.n)) / 4)
	defer m.GiveBack()
	for j := 0; j < g.n; j += cols {
		s := *g
		s.n = min(cols, g.n-j)
		s.c = unsafe.Add(g.c, 4*j)
		s.b = source(g.b, g.bRow, j, 0, g.transB)
		if g.bias != nil {
			s.bias = unsafe.Add(g.bias, 4*j)
		}
		s.right, s.rightStep = m.Start(), tile.ColStep(s.n)
		s.packRight()
		s.down()
	}
}

func (g *gemm) down() {
	// More rows share what they read of the right operand, fewer occupy more cores.
	least := min(112, max(56, g.m/16))
	pool.Run(g.m, chunk(g.m, least, 168, g.n*g.k), downJob{*g, !g.leftInPlace()})
}

// chunk cuts n units, each with the given work, into an even number of chunks of
// about equal size: least to most units, or fewer if that is work enough.
func chunk(n, least, most, work int) int {
	size := min(most, max(least, chunkWork/max(1, work)))
	chunks := (n + size - 1) / size
	if chunks > 1 {
		chunks = (chunks + 1) / 2 * 2
	}
	return (n + chunks - 1) / chunks
}

// chunkWork is the number of multiplications worth handing to another core: some
// 20 µs with AVX-512.
const chunkWork = 1 << 20

// leftInPlace reports whether packing the left operand would cost more than it
// brings. Rows that lie a multiple of 2 KiB apart compete for the same few lines
// of the first-level cache.
func (g *gemm) leftInPlace() bool {
	return !g.transA && (g.n <= 3*tile.Cols() || g.m <= tile.Rows()) && g.aRow%2048 != 0
}

type downJob struct {
	gemm
	pack bool
}

// Do computes rows [lo, hi) of C.
func (g *downJob) Do(lo, hi int) {
	var left unsafe.Pointer
	if g.pack {
		m := jobs.Borrow(tile.Split(hi-lo).Len() * g.block * tile.RowStep() / 4)
		defer m.GiveBack()
		left = m.Start()
	}
	for b := range g.parts() {
		k0, depth := g.part(b)
		if g.pack {
			tile.PackRows(left, source(g.a, g.aRow, lo, k0, !g.transA), g.aRow, hi-lo, depth, g.transA)
		}
		g.tiles(lo, hi, 0, g.n, k0, depth, left, g.rightAt(k0))
	}
}
