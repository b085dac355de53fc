package main

import (
	"time"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// A machine is the most that this one does, on the threads in use.
type machine struct {
	flops float64 // GFLOP/s of multiply-adds on data in the first-level cache
	bytes float64 // GB/s read and written by a copy of memory
}

// copied is the size of what is copied, in float32: 16 MiB.
const copied = 4 << 20

func (o *options) machine() machine {
	x, y := noise(copied), make([]float32, copied)
	copying := best(func() { kernel.Copy(y, x) })
	depth, turns := 64, 100
	b := burner{make([][]float32, o.threads), depth, turns}
	for i := range b.operands {
		b.operands[i] = make([]float32, 64*depth+8192)
	}
	burning := best(func() { pool.Run(o.threads, 1, b) })
	flop := 2 * float64(tile.Rows()*tile.Cols()) * float64(depth*turns*tilesPerBurn*o.threads)
	return machine{1e-9 * flop / burning, 2 * gigabytes(copied) / copying}
}

func (m machine) max(n machine) machine {
	return machine{max(m.flops, n.flops), max(m.bytes, n.bytes)}
}

// best returns the shortest time of f, of those that fit in a moment.
func best(f func()) float64 {
	t, _ := repeat(func() error { f(); return nil }, 3, 1e6, time.Second/4)
	return t.min()
}

// burner multiplies one small tile again and again.
type burner struct {
	operands     [][]float32
	depth, turns int
}

const tilesPerBurn = 20

func (b *burner) Do(lo, hi int) {
	for ; lo < hi; lo++ {
		x := b.operands[lo]
		colStep := tile.ColStep(tile.Cols())
		right := tile.RowStep() * b.depth / 4
		result := right + colStep*b.depth/4
		a := tile.Args{
			A: unsafe.Pointer(&x[0]), B: unsafe.Pointer(&x[right]), C: unsafe.Pointer(&x[result]),
			Outer: b.turns, Depth: b.depth,
			AStep: tile.RowStep(), ADelta: -tile.RowStep() * b.depth,
			BStep: colStep, BDelta: -colStep * b.depth,
			CStep: 4 * tile.Cols(), Rows: tile.Rows(), Cols: tile.Cols(),
		}
		for range tilesPerBurn {
			tile.Mul(&a)
		}
	}
}
