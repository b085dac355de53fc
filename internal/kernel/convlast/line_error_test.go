package convlast

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/internal/kernel"
)

// The method along lines makes at most ten times the rounding error of the definition
// in float32, in every pass, against float64. With AVX-512 it is 1.4 times as much in
// y and dx, and 0.8 times in dw, where the method is taken.
func TestLineWinogradError(t *testing.T) {
	for _, g := range []kernel.Conv{line1D(4, 64, 64, 256), line1D(8, 64, 96, 61), line1D(64, 64, 64, 256)} {
		in := operandsOf(g)
		points := volume(g.Out)
		x, w, dy := converted[float64](in.x), converted[float64](in.w), converted[float64](in.dy)
		y, dx, dw := make([]float64, len(dy)), make([]float64, len(x)), make([]float64, len(w))
		kernel.ConvForward(&g, y, x, w)
		kernel.ConvBackwardData(&g, dx, dy, w)
		kernel.ConvBackwardWeights(&g, dw, x, dy)
		y, dx = last(y, g.N, g.OC, points), last(dx, g.N, g.C, points)
		in.x, in.dy = last(in.x, g.N, g.C, points), last(in.dy, g.N, g.OC, points)

		direct, fast := compute(t, New(g, false), in), compute(t, New(g, true), in)
		for _, pass := range []struct {
			name         string
			direct, fast []float32
			want         []float64
		}{{"y", direct.y, fast.y, y}, {"dx", direct.dx, fast.dx, dx}, {"dw", direct.dw, fast.dw, dw}} {
			times := rms(pass.fast, pass.want) / rms(pass.direct, pass.want)
			if !(times <= 10) {
				t.Errorf("length %d: the error of %s is %.1f times that of the definition", g.In[2], pass.name, times)
			}
			if times == 1 && pass.name != "dw" { // which takes the method for many lines alone
				t.Errorf("length %d: %s is by the definition", g.In[2], pass.name)
			}
			t.Logf("%d lines of %d, %s: %.2f", g.N, g.In[2], pass.name, times)
		}
	}
}

func rms(got []float32, want []float64) float64 {
	sum := 0.0
	for i, v := range want {
		sum += (float64(got[i]) - v) * (float64(got[i]) - v)
	}
	return math.Sqrt(sum / float64(len(want)))
}
