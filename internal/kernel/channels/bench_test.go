package channels

import (
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/philox"
)

// Benchmarks are for the output of a convolution of 64 images of 28 by 28 with 32
// channels. Their bytes are what has to move between the cores and memory; the
// copies beside them move as much in the plainest way.
const benchRows, benchChannels = 64 * 28 * 28, 32

func bench(b *testing.B, name string, bytes int, f func()) {
	b.Run(name, func(b *testing.B) {
		b.SetBytes(int64(bytes))
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
}

type copying struct{ y, x []float32 }

func (j *copying) Do(lo, hi int) { copy(j.y[lo:hi], j.x[lo:hi]) }

// benchCopy is the yardstick: read and written.
func benchCopy(b *testing.B, y, x []float32) {
	bench(b, "copy", 8*len(x), func() { pool.Run(len(x), callSize, copying{y, x}) })
}

func BenchmarkNorm(b *testing.B) {
	s := newSample(benchRows, benchChannels, 0)
	n, c := len(s.x), s.c
	y, sum := make([]float32, n), make([]float64, 2*c)
	benchCopy(b, y, s.x)
	bench(b, "Moments", 4*n, func() { Moments(y[:c], y[c:], s.x, s.rows, c) })
	bench(b, "Affine", 8*n, func() { Affine(y, s.x, s.cols.Map, s.rows, c, false) })
	bench(b, "Affine/ReLU", 8*n, func() { Affine(y, s.x, s.cols.Map, s.rows, c, true) })
	bench(b, "Sums", 8*n, func() { Sums(sum[:c], sum[c:], s.x, s.dy, Map{Mean: s.cols.Mean}, s.rows, c) })
	bench(b, "Sums/ReLU", 8*n, func() { Sums(sum[:c], sum[c:], s.x, s.dy, s.cols.Map, s.rows, c) })
	bench(b, "Grad", 12*n, func() { Grad(y, s.x, s.dy, s.cols, s.rows, c) })
	bench(b, "Grad/ReLU", 12*n, func() { Grad(y, s.x, s.dy, behindReLU(s.cols), s.rows, c) })
}

func BenchmarkRowNorm(b *testing.B) {
	s := newSample(64*benchChannels, 784, 0)
	n, rows := len(s.x), s.rows
	y, sum := make([]float32, n), make([]float64, 2*rows)
	benchCopy(b, y, s.x)
	bench(b, "Moments", 4*n, func() { GroupMoments(y[:32], y[32:], s.x, 64, 32, 784) })
	bench(b, "Affine/ReLU", 8*n, func() { RowAffine(y, s.x, s.row.Map, s.c, true) })
	bench(b, "Sums/ReLU", 8*n, func() { RowSums(sum[:rows], sum[rows:], s.x, s.dy, s.row.Map, s.c) })
	bench(b, "Grad/ReLU", 12*n, func() { RowGrad(y, s.x, s.dy, behindReLU(s.row), s.c) })
	s = newSample(n/512, 512, 0)
	bench(b, "Layer/Moments", 4*n, func() { GroupMoments(y[:s.rows], y[s.rows:], s.x, 1, s.rows, 512) })
	bench(b, "Layer/Affine", 8*n, func() { LayerAffine(y, s.x, s.row.Mean, s.row.A, s.cols.A, s.cols.B, false) })
	bench(b, "Layer/Sums", 8*n, func() { LayerSums(sum[:512], sum[512:1024], s.x, s.dy, s.row.Mean, s.row.A) })
	bench(b, "Layer/Grad", 12*n, func() { LayerGrad(y, s.x, s.dy, s.cols.A, s.row.Mean, s.row.A) })
}

// BenchmarkChoosing has max pooling, of images of 64 channels, for a yardstick.
func BenchmarkChoosing(b *testing.B) {
	const images, c = 16, 64
	weights, key := []float64{0.5, 0.25, 0.125, 0.0625}, philox.Key{1, 2}
	for _, p := range []pooling{square(32, 32, 2, 2, 0, 1), square(32, 32, 3, 2, 1, 1)} {
		for _, maps := range []bool{false, true} {
			w, name := p.windows(c), p.name
			if maps {
				w, name = p.windows(1), p.name+", maps"
			}
			x, dy := poolData(&p, images, c, 0)
			for i, v := range x {
				x[i] = max(0, v)
			}
			dx, y := make([]float32, len(x)), make([]float32, len(dy))
			b.Run(name, func(b *testing.B) {
				if !maps {
					bench(b, "max", 4*(len(x)+len(y)), func() { w.MaxPool(y, x) })
				}
				bench(b, "rank", 4*(len(x)+len(y)), func() { RankPool(w, weights, y, x) })
				bench(b, "draw", 4*(len(x)+len(y)), func() { SamplePool(w, key, 1, y, x) })
				bench(b, "share", 4*(len(x)+len(y)), func() { OwnPool(w, y, x) })
				if !maps {
					bench(b, "max/backward", 4*(2*len(x)+len(y)), func() { w.MaxPoolGrad(dx, x, dy) })
				}
				bench(b, "rank/backward", 4*(2*len(x)+len(y)), func() { RankPoolGrad(w, weights, dx, x, dy) })
				bench(b, "draw/backward", 4*(2*len(x)+len(y)), func() { SamplePoolGrad(w, key, 1, dx, x, dy) })
				bench(b, "share/backward", 4*(2*len(x)+len(y)), func() { OwnPoolGrad(w, dx, x, dy) })
			})
		}
	}
}
