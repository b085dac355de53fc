package gemm

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// PackedSize returns the number of elements of a packed (k, n) matrix at the
// level in use.
func PackedSize(n, k int) int { return k * tile.ColStep(n) / 4 }

// Pack packs a right operand for [Product]: b is (k, n), with trans (n, k), and
// stride elements lie from one of its rows to the next. dst has [PackedSize]
// elements, in an order that only this package knows and that differs from level
// to level.
func Pack(dst, b []float32, n, k, stride int, trans bool) {
	if n == 0 || k == 0 {
		return
	}
	if trans {
		need(b, n, k, stride)
	} else {
		need(b, k, n, stride)
	}
	g := gemm{n: n, k: k, b: base(b), bRow: 4 * stride, transB: trans, block: blockOf(k)}
	g.right, g.rightStep = unsafe.Pointer(unsafe.SliceData(dst[:PackedSize(n, k)])), tile.ColStep(n)
	g.packRight()
}

// LeftSize returns the number of elements of a packed (m, k) left operand at the level
// in use.
func LeftSize(m, k int) int { return k * leftStep(m) / 4 }

// leftStep is the bytes for each k.
func leftStep(m int) int { return tile.Split(m).Len() * tile.RowStep() }

// PackLeft packs the columns [from, to) of a left operand for [Product]: a is (m, k),
// and stride elements lie from one row to the next. dst has [LeftSize] elements.
// Unlike Pack it works on the caller's goroutine: those that make some columns each
// may pack them at the same time.
func PackLeft(dst, a []float32, m, k, stride, from, to int) {
	if m == 0 || k == 0 {
		return
	}
	_ = a[:(m-1)*stride+k] // without a look at what others may be writing
	g := gemm{m: m, k: k, a: base(a), aRow: 4 * stride, block: blockOf(k)}
	g.left, g.leftStep = unsafe.Pointer(unsafe.SliceData(dst[:LeftSize(m, k)])), leftStep(m)
	step := tile.RowStep()
	for b := range g.parts() {
		k0, depth := g.part(b)
		lo, hi := max(from, k0), min(to, k0+depth)
		if lo < hi {
			tile.PackRowsApart(unsafe.Add(g.leftAt(k0), (lo-k0)*step), depth*step, source(g.a, g.aRow, 0, lo, true), g.aRow, m, hi-lo, false)
		}
	}
}

func (g *gemm) leftAt(k0 int) unsafe.Pointer {
	if g.left == nil {
		return nil
	}
	return unsafe.Add(g.left, k0*g.leftStep)
}

func (g *gemm) rightAt(k0 int) unsafe.Pointer {
	if g.right == nil {
		return nil
	}
	return unsafe.Add(g.right, k0*g.rightStep)
}

// packGrain is the number of elements that a chunk of packing moves: some 10 µs.
const packGrain = 1 << 15

// run is the part of the depth that is packed at once where whole rows of the
// source are read.
const run = 64

// packRight packs the right operand. Its transpose goes panel by panel, the
// operand itself some rows at a time, in units of which each lies in one block.
func (g *gemm) packRight() {
	if g.transB {
		panels := (g.n + tile.Cols() - 1) / tile.Cols()
		pool.Run(g.parts()*panels, max(1, packGrain/(tile.Cols()*g.block)), packPanels{*g, panels})
		return
	}
	runs := (g.block + run - 1) / run
	pool.Run(g.parts()*runs, max(1, packGrain/(run*g.n)), packRuns{*g, runs})
}

type packPanels struct {
	gemm
	panels int
}

func (g *packPanels) Do(lo, hi int) {
	wide := tile.Cols()
	for u := lo; u < hi; u++ {
		k0, depth := g.part(u / g.panels)
		p := u % g.panels
		tile.PackCols(unsafe.Add(g.rightAt(k0), p*depth*tile.ColStep(wide)),
			source(g.b, g.bRow, p*wide, k0, true), g.bRow, min(wide, g.n-p*wide), depth, true)
	}
}

type packRuns struct {
	gemm
	runs int
}

func (g *packRuns) Do(lo, hi int) {
	wide := tile.Cols()
	full := g.n / wide * wide
	for u := lo; u < hi; u++ {
		k0, depth := g.part(u / g.runs)
		from := u % g.runs * run
		to := min(from+run, depth)
		if from >= to {
			continue // the last block is the shorter one
		}
		panel := depth * tile.ColStep(wide)
		if full > 0 {
			tile.PackColsApart(unsafe.Add(g.rightAt(k0), from*tile.ColStep(wide)), panel,
				source(g.b, g.bRow, 0, k0+from, false), g.bRow, full, to-from, false)
		}
		if rest := g.n - full; rest > 0 {
			tile.PackColsApart(unsafe.Add(g.rightAt(k0), full/wide*panel+from*tile.ColStep(rest)), 0,
				source(g.b, g.bRow, full, k0+from, false), g.bRow, rest, to-from, false)
		}
	}
}

// packLeft packs the left operand as packRight does the right one.
func (g *gemm) packLeft() {
	if !g.transA {
		panels := tile.Split(g.m)
		pool.Run(g.parts()*panels.Len(), max(1, packGrain/(tile.Rows()*g.block)), packLeftPanels{*g, panels})
		return
	}
	runs := (g.block + run - 1) / run
	pool.Run(g.parts()*runs, max(1, packGrain/(run*g.m)), packLeftRuns{*g, runs})
}

type packLeftPanels struct {
	gemm
	panels tile.Panels
}

func (g *packLeftPanels) Do(lo, hi int) {
	step := tile.RowStep()
	for u := lo; u < hi; u++ {
		k0, depth := g.part(u / g.panels.Len())
		p := u % g.panels.Len()
		i, height := g.panels.At(p)
		tile.Transpose(unsafe.Add(g.leftAt(k0), p*depth*step), step, source(g.a, g.aRow, i, k0, true), g.aRow, height, depth)
	}
}

type packLeftRuns struct {
	gemm
	runs int
}

func (g *packLeftRuns) Do(lo, hi int) {
	step := tile.RowStep()
	for u := lo; u < hi; u++ {
		k0, depth := g.part(u / g.runs)
		from := u % g.runs * run
		if to := min(from+run, depth); from < to {
			tile.PackRowsApart(unsafe.Add(g.leftAt(k0), from*step), depth*step,
				source(g.a, g.aRow, 0, k0+from, false), g.aRow, g.m, to-from, true)
		}
	}
}
