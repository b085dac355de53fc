package convlast

import (
	"testing"
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/tile"
)

// BenchmarkConvPeak is what the processor can do: full tiles from the level-1
// cache on all threads.
func BenchmarkConvPeak(b *testing.B) {
	units := pool.Threads()
	for b.Loop() {
		pool.Run(units, 1, peakJob{})
	}
	b.ReportMetric(2*float64(units*b.N)*100*16*peakDepth*float64(tile.Rows()*tile.Cols())/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

const peakDepth = 64

type peakJob struct{}

func (*peakJob) Do(lo, hi int) {
	var x, y [peakDepth * 32]float32
	var z [14 * 32]float32
	a := tile.Args{
		A: unsafe.Pointer(&x), B: unsafe.Pointer(&y), C: unsafe.Pointer(&z), CStep: 4 * 32,
		Outer: 16, Depth: peakDepth, AStep: 4 * 32, BStep: 4 * 32, ADelta: -4 * 32 * peakDepth, BDelta: -4 * 32 * peakDepth,
		Rows: tile.Rows(), Cols: tile.Cols(),
	}
	for range (hi - lo) * 100 {
		tile.Mul(&a)
	}
}

var geometries = []struct {
	name string
	g    kernel.Conv
}{
	{"1to32_28x28_5x5", square(64, 1, 32, 1, 28, 5, 1, 2)},
	{"32to64_14x14_5x5", square(64, 32, 64, 1, 14, 5, 1, 2)},
	{"3to16_32x32", square(32, 3, 16, 1, 32, 3, 1, 1)},
	{"3to32_32x32", square(64, 3, 32, 1, 32, 3, 1, 1)},
	{"16to32_32x32", square(32, 16, 32, 1, 32, 3, 1, 1)},
	{"32to32_32x32", square(64, 32, 32, 1, 32, 3, 1, 1)},
	{"32to64_16x16", square(64, 32, 64, 1, 16, 3, 1, 1)},
	{"64to64_16x16", square(64, 64, 64, 1, 16, 3, 1, 1)},
	{"64to64_32x32", square(32, 64, 64, 1, 32, 3, 1, 1)},
	{"64to128_8x8", square(64, 64, 128, 1, 8, 3, 1, 1)},
	{"128to128_8x8", square(64, 128, 128, 1, 8, 3, 1, 1)},
	{"128to128_16x16", square(32, 128, 128, 1, 16, 3, 1, 1)},
	{"256to256_8x8", square(32, 256, 256, 1, 8, 3, 1, 1)},
	{"512to512_4x4", square(32, 512, 512, 1, 4, 3, 1, 1)},
	{"512to512_7x7_batch1", square(1, 512, 512, 1, 7, 3, 1, 1)},
	{"64to64_56x56_batch1", square(1, 64, 64, 1, 56, 3, 1, 1)},
	{"64to128_32x32_stride2", square(32, 64, 128, 1, 32, 3, 2, 1)},
	{"32to64_32x32_1x1_stride2", square(32, 32, 64, 1, 32, 1, 2, 0)},
	{"64to256_28x28_1x1", square(8, 64, 256, 1, 28, 1, 1, 0)},
	{"1024to256_14x14_1x1", square(8, 1024, 256, 1, 14, 1, 1, 0)},
	{"512to256_14x14_1x1", square(8, 512, 256, 1, 14, 1, 1, 0)},
	{"512to512_7x7_stride2", square(8, 512, 512, 1, 14, 3, 2, 1)},
	{"8to64_1024_1d", line1D(64, 8, 64, 1024)},
	{"64to64_1024_1d", line1D(64, 64, 64, 1024)},
	{"64to64_128_1d", line1D(64, 64, 64, 128)},
	{"64to64_32_1d", line1D(64, 64, 64, 32)},
	{"128_32groups_28x28", square(8, 128, 128, 32, 28, 3, 1, 1)},
	{"64_depthwise_28x28", square(16, 64, 64, 64, 28, 3, 1, 1)},
	{"256_depthwise_14x14_stride2", square(16, 256, 256, 256, 14, 3, 2, 1)},
}

// BenchmarkConv reports the products of the definition, those with padding
// included, as if each were computed: a method that saves some may be faster than
// the processor.
func BenchmarkConv(b *testing.B) {
	for _, c := range geometries {
		in := operandsOf(c.g)
		work := 2 * float64(len(in.dy)) * float64(len(in.w)/c.g.OC)
		for _, winograd := range []bool{false, true} {
			k, name := New(c.g, winograd), c.name
			if winograd {
				if _, ok := k.forward.(winogradForward); !ok {
					continue
				}
				name += "/winograd"
			}
			forward, backward := make([]float32, k.ForwardSize()), make([]float32, k.BackwardSize())
			k.PackForward(forward, in.w)
			k.PackBackward(backward, in.w)
			run := func(pass string, f func()) {
				b.Run(name+"/"+pass, func(b *testing.B) {
					for b.Loop() {
						f()
					}
					b.ReportMetric(work*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
			run("forward", func() { k.Forward(in.dy, in.x, forward, in.bias, false) })
			run("data", func() { k.Transposed(in.x, in.dy, backward, nil, false) })
			run("weights", func() { k.BackwardWeights(in.w, in.x, in.dy) })
			run("pack", func() { k.PackForward(forward, in.w); k.PackBackward(backward, in.w) })
		}
	}
}

func line1D(n, c, oc, length int) kernel.Conv {
	return kernel.Conv{
		N: n, C: c, OC: oc, Groups: 1, In: [3]int{1, 1, length}, Kernel: [3]int{1, 1, 3}, Out: [3]int{1, 1, length},
		Stride: [3]int{1, 1, 1}, Pad: [3]int{0, 0, 1}, Dilation: [3]int{1, 1, 1},
	}
}
