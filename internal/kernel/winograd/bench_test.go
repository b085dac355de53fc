package winograd

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

var layers = []Size{
	{32, 32, 32, 64, 64, 3, 1, 1},
	{64, 32, 32, 32, 32, 3, 1, 1},
	{32, 32, 32, 32, 32, 3, 1, 1},
	{64, 32, 32, 32, 64, 3, 1, 1},
	{32, 28, 28, 32, 64, 3, 1, 1},
	{64, 16, 16, 64, 64, 3, 1, 1},
	{32, 16, 16, 64, 64, 3, 1, 1},
	{32, 16, 16, 128, 128, 3, 1, 1},
	{64, 8, 8, 128, 128, 3, 1, 1},
	{32, 8, 8, 128, 128, 3, 1, 1},
	{32, 8, 8, 256, 256, 3, 1, 1},
	{1, 32, 32, 64, 64, 3, 1, 1},
	{1, 8, 8, 128, 128, 3, 1, 1},
	{32, 14, 14, 64, 64, 3, 0, 0},
	{32, 7, 7, 128, 128, 3, 1, 1},
	{32, 32, 32, 16, 16, 3, 1, 1},
	{64, 14, 14, 32, 64, 5, 2, 2},
	{32, 28, 28, 16, 32, 5, 2, 2},
	{32, 8, 8, 128, 128, 5, 2, 2},
}

// rate reports the arithmetic of the direct computation, passes times, in
// GFLOP/s.
func (s Size) rate(b *testing.B, passes int) {
	b.ReportMetric(2e-9*float64(passes*s.products()*b.N)/b.Elapsed().Seconds(), "GFLOP/s")
}

// BenchmarkPasses gives the effective rates: those that the direct computation
// would have to reach in the same time. Compare with BenchmarkPeak.
func BenchmarkPasses(b *testing.B) {
	for _, s := range layers {
		cv, p := s.conv(), random(s, 1)
		p.run(b, false)
		forward, backward := make([]float32, cv.ForwardSize()), make([]float32, cv.BackwardSize())
		for _, pass := range []struct {
			name   string
			passes int
			run    func()
		}{
			{"forward", 1, func() {
				cv.PackForward(forward, p.weight)
				cv.Forward(p.y, p.x, forward, p.bias, true)
			}},
			{"data", 1, func() {
				cv.PackBackward(backward, p.weight)
				cv.Transposed(p.dx, p.dy, backward, nil, false)
			}},
			{"weights", 1, func() { cv.BackwardWeights(p.dw, p.x, p.dy) }},
			{"all", 3, func() {
				cv.PackForward(forward, p.weight)
				cv.Forward(p.y, p.x, forward, p.bias, true)
				cv.PackBackward(backward, p.weight)
				cv.Transposed(p.dx, p.dy, backward, nil, false)
				cv.BackwardWeights(p.dw, p.x, p.dy)
			}},
			{"pack", 0, func() { cv.PackForward(forward, p.weight) }},
		} {
			b.Run(fmt.Sprintf("%dx%dx%dx%d-%dx%dx%d/%s", s.N, s.H, s.W, s.C, s.OC, s.Kernel, s.Kernel, pass.name), func(b *testing.B) {
				for b.Loop() {
					pass.run()
				}
				if pass.passes > 0 {
					s.rate(b, pass.passes)
				}
			})
		}
	}
}

// peakJob multiplies what fits the innermost cache.
type peakJob struct{ a, b []float32 }

const peakDepth = 256

func (j *peakJob) Do(lo, hi int) {
	rows, cols := tile.Rows(), tile.Cols()
	c := make([]float32, rows*cols)
	a := tile.Args{
		A: unsafe.Pointer(&j.a[0]), B: unsafe.Pointer(&j.b[0]), C: unsafe.Pointer(&c[0]),
		Outer: 1, Depth: peakDepth, AStep: 4 * rows, BStep: 4 * cols, CStep: 4 * cols, Rows: rows, Cols: cols,
	}
	for range hi - lo {
		tile.Mul(&a)
	}
}

// BenchmarkPeak gives the rate of the product alone on all cores.
func BenchmarkPeak(b *testing.B) {
	rows, cols := tile.Rows(), tile.Cols()
	j := peakJob{a: make([]float32, rows*peakDepth), b: make([]float32, cols*peakDepth)}
	const tiles = 2000
	for b.Loop() {
		pool.Run(tiles, tiles/20, j)
	}
	b.ReportMetric(2e-9*float64(tiles*rows*cols*peakDepth*b.N)/b.Elapsed().Seconds(), "GFLOP/s")
}

// BenchmarkTransforms gives the time of the transforms of one tile.
func BenchmarkTransforms(b *testing.B) {
	for level := cpu.Go; level <= cpu.Best(); level++ {
		defer cpu.Set(cpu.Set(level))
		for _, k := range []int{3, 5} {
			s := Size{1, 8, 8, 64, 64, k, 1, 1}
			cv, p := s.conv(), random(s, 1)
			p.run(b, false)
			step := apart(64 * 56)
			v, bias := make([]float32, 36*step), make([]float32, 64)
			w, out := cv.forward.window(spot{}), cv.forward.outWindow(spot{})
			run := func(name string, f func()) {
				b.Run(fmt.Sprintf("%v/%dx%d/%s", level, k, k, name), func(b *testing.B) {
					for b.Loop() {
						f()
					}
				})
			}
			run("input", func() { input(v, step, p.x, w, 64, cv.forward.zero) })
			run("gradient", func() { gradient(v, step, p.dy, out, 64, cv.forward.zero, k) })
			run("output", func() { output(p.y, out, v, step, bias, 0, 64, k) })
			run("filter", func() { filter(4, p.weight, k*k*64, k*k, v, 32, step, k, false) })
			run("filterGradient", func() { filterGradient(4, v, 64, step, p.dw, k*k*64, k*k, k) })
		}
	}
}
