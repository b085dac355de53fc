package kernel

import (
	"testing"

	"github.com/thinnet/thinnet/internal/philox"
)

// Benchmarks run on float32, the element type of training, at sizes beyond the
// level-2 cache.
const benchSize = 64 * 32 * 28 * 28

func benchData(n int) []float32 { return normal[float32](n, "bench") }

func bench(b *testing.B, name string, n int, f func()) {
	b.Run(name, func(b *testing.B) {
		b.SetBytes(int64(4 * n))
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
}

var normCases = []struct {
	name      string
	l, affine Layout
}{
	{"batch", Layout{64, 32, 784}, Layout{64, 32, 784}},
	{"batch_channels_last", Layout{64 * 784, 32, 1}, Layout{64 * 784, 32, 1}},
	{"layer", Layout{1, benchSize / 512, 512}, Layout{benchSize / 512, 512, 1}},
	{"group", Layout{1, 64 * 8, 4 * 784}, Layout{64, 32, 784}},
}

func BenchmarkNorm(b *testing.B) {
	x, dy := benchData(benchSize), benchData(benchSize)
	y := make([]float32, benchSize)
	for _, c := range normCases {
		stats, sums := make([]float32, 2*c.l.Groups), make([]float32, 2*c.affine.Groups)
		gamma, beta := benchData(c.affine.Groups), benchData(c.affine.Groups)
		n := Norm{Of: c.l, Affine: c.affine, Eps: 1e-5}
		bench(b, "Moments/"+c.name, benchSize, func() { Moments(stats, x, c.l) })
		bench(b, "Normalize/"+c.name, benchSize, func() { Normalize(n, y, x, stats, gamma, beta) })
		bench(b, "NormalizeBackward/"+c.name, benchSize, func() {
			NormalizeBackward(n, y, x, stats, gamma, beta, dy, sums)
		})
		bench(b, "NormalizeSums/"+c.name, benchSize, func() { NormalizeSums(n, sums, x, stats, gamma, beta, dy) })
	}
}

func BenchmarkElementwise(b *testing.B) {
	x, dy := benchData(benchSize), benchData(benchSize)
	y := make([]float32, benchSize)
	m := NewMask(philox.KeyOf(1, "drop"), 0, 0.5)
	bench(b, "copy", benchSize, func() { copy(y, x) })
	bench(b, "ReLU", benchSize, func() { ReLU(y, x) })
	bench(b, "ReLUGrad", benchSize, func() { ReLUGrad(y, x, dy) })
	bench(b, "LeakyReLU", benchSize, func() { LeakyReLU(y, x, 0.01) })
	bench(b, "MaskApply", benchSize, func() { MaskApply(m, y, x) })
	cells := make([]float32, 64*32)
	MaskCells(m, cells)
	bench(b, "MaskBroadcast/maps", benchSize, func() {
		MaskBroadcast(y, x, cells, []int{64, 32, 28, 28}, []int{64, 32, 1, 1})
	})
}

func BenchmarkBroadcast(b *testing.B) {
	x, z := benchData(benchSize), benchData(benchSize)
	y := make([]float32, benchSize)
	shape := []int{64, 32, 28, 28}
	bench(b, "equal", benchSize, func() { Broadcast(OpAdd, y, x, z, shape, shape, shape) })
	bench(b, "channel", benchSize, func() { Broadcast(OpAdd, y, x, z, shape, shape, []int{32, 1, 1}) })
	bench(b, "row", benchSize, func() { Broadcast(OpAdd, y, x, z, []int{benchSize / 32, 32}, []int{benchSize / 32, 32}, []int{32}) })
	bench(b, "scalar", benchSize, func() { Broadcast(OpMul, y, x, z, shape, shape, nil) })
	db := make([]float32, 32)
	bench(b, "ChannelSum", benchSize, func() { ChannelSum(db, x, 64, 32, 784) })
	bench(b, "ChannelSum/last", benchSize, func() { ChannelSum(db, x, 64*784, 32, 1) })
	bench(b, "Sum", benchSize, func() { Sum(x) })
}

func BenchmarkSoftmax(b *testing.B) {
	x, dy := benchData(benchSize), benchData(benchSize)
	y := make([]float32, benchSize)
	rows := benchSize / 256
	bench(b, "Softmax/rows", benchSize, func() { Softmax(y, x, rows, 256, 1) })
	bench(b, "Softmax/strips", benchSize, func() { Softmax(y, x, 64, 32, 784) })
	bench(b, "LogSoftmax/rows", benchSize, func() { LogSoftmax(y, x, rows, 256, 1) })
	bench(b, "SoftmaxBackward/rows", benchSize, func() { SoftmaxBackward(y, x, dy, rows, 256, 1) })
}

func BenchmarkPermute(b *testing.B) {
	x := benchData(benchSize)
	y := make([]float32, benchSize)
	bench(b, "2d", benchSize, func() { Permute(y, x, []int{1568, 1024}, []int{1, 0}) })
	bench(b, "channels_last", benchSize, func() { Permute(y, x, []int{64, 32, 28, 28}, []int{0, 2, 3, 1}) })
	bench(b, "heads", benchSize, func() { Permute(y, x, []int{49, 64, 8, 64}, []int{0, 2, 1, 3}) })
}
