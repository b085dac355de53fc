package tensorboard_test

import (
	"testing"

	"github.com/thinnet/thinnet/tensorboard"
)

func BenchmarkScalar(b *testing.B) {
	w := create(b, b.TempDir())
	for i := 0; b.Loop(); i++ {
		must(b, w.Scalar("step/loss", i, 1))
	}
}

func BenchmarkBin(b *testing.B) {
	x := make([]float32, 1<<20)
	for i := range x {
		x[i] = float32(i*i%1009) / 1009
	}
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		tensorboard.Bin(x)
	}
}
