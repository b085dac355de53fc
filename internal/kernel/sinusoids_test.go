package kernel

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel/kerneltest"
)

func testSinusoids[T Float](t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {3, 5, 7}, {2, 300, 64}, {5, 33, 17}} {
		n, steps, width := s[0], s[1], s[2]
		x, want := normal[T](n*steps*width, "x"), make([]float64, n*steps*width)
		for e := range want {
			k := e % width
			at := float64(e/width%steps) / math.Pow(10000, float64(k-k%2)/float64(width))
			want[e] = float64(x[e]) + math.Sin(at+float64(k%2)*math.Pi/2)
		}
		y := make([]T, len(x))
		AddSinusoids(y, x, n, steps, width)
		near(t, "y", y, want, 3*epsilon[T]()+1e-12)
	}
}

func TestAddSinusoids(t *testing.T) {
	kerneltest.EachLevel(t, func(t *testing.T) {
		testSinusoids[float32](t)
		testSinusoids[float64](t)
	})
}
