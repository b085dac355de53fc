package regularize_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/regularize"
)

// squareOf draws the square of sample n straight from Philox.
func squareOf(step uint64, n, h, w, size int, p float64) (cut bool, y, x int) {
	d := philox.Block(philox.At(step, uint64(n)), philox.KeyOf(seed, "drop"))
	at := func(word uint32, n int) int { return int(float64(word) * 0x1p-32 * float64(n)) }
	return float64(d[2])*0x1p-32 <= p, at(d[0], h) - size/2, at(d[1], w) - size/2
}

func TestCutoutCutsSquares(t *testing.T) {
	const n, c, h, w = 12, 2, 5, 7
	x := make([]float64, n*c*h*w)
	for i := range x {
		x[i] = float64(i + 1)
	}
	for _, size := range []int{1, 2, 3, 9} {
		for _, p := range []float64{0, 0.4, 1} {
			y, dx := try(t, cutout(p, size), graph.Shape{n, c, h, w}, x).at(t, 6, constant(1, len(x)))
			want, wantDX := make([]float64, len(x)), make([]float64, len(x))
			for e := range x {
				cut, top, left := squareOf(6, e/(c*h*w), h, w, size, p)
				row, col := e/w%h, e%w
				if !cut || row < top || row >= top+size || col < left || col >= left+size {
					want[e], wantDX[e] = x[e], 1
				}
			}
			wantClose(t, "y", y, want, 0)
			wantClose(t, "dx", dx, wantDX, 0)
		}
	}
}

func TestCutoutCutsNaN(t *testing.T) {
	bad := []float64{math.NaN(), 1, math.Inf(1), math.NaN()}
	y, dx := try(t, cutout(1, 5), graph.Shape{1, 1, 2, 2}, bad).at(t, 0, bad)
	wantClose(t, "y", y, constant(0, 4), 0)
	wantClose(t, "dx", dx, constant(0, 4), 0)
}

// Centres are even over all positions, and as many samples as p says have a square.
func TestCutoutRates(t *testing.T) {
	const n, h, w, p = 40_000, 3, 4, 0.6
	y := sample(t, cutout(p, 1), graph.Shape{n, 1, h, w}, ones(n*h*w))
	for e := range h * w {
		cut := 0.0
		for i := range n {
			if y[i*h*w+e] == 0 {
				cut++
			}
		}
		const each = p / (h * w)
		wantWithin(t, "rate of a centre", cut/n, each, 4*math.Sqrt(each*(1-each)/n))
	}
}

func TestCutoutOnChannelsLastMemory(t *testing.T) {
	sameOnChannelsLast(t, cutout(0.8, 3), graph.Shape{6, 5, 7, 9})
	sameOnChannelsLast(t, cutout(0.8, 3, regularize.LinearRate(0.9, 10)), graph.Shape{6, 5, 7, 9})
}
