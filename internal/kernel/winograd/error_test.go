package winograd

import (
	"fmt"
	"math"
	"testing"
)

// deviation is how far results lie from the definition.
type deviation struct{ rms, most float64 }

func deviate(got []float32, want []float64) (d deviation) {
	for i, w := range want {
		e := math.Abs(float64(got[i]) - w)
		d.rms += e * e
		d.most = max(d.most, e)
	}
	d.rms = math.Sqrt(d.rms / float64(len(want)))
	return d
}

// direct computes all passes by definition in float32, each product added to the
// sum with one rounding.
func (p *passes) direct() (y, dx, dw []float32) {
	y, dx, dw = make([]float32, len(p.wantY.value)), make([]float32, len(p.x)), make([]float32, len(p.weight))
	for i := range y {
		y[i] = p.bias[i%p.OC]
	}
	fma := func(a, b float32, c *float32) { *c = float32(float64(a)*float64(b) + float64(*c)) }
	p.each(func(i, x, w int) {
		fma(p.x[x], p.weight[w], &y[i])
		fma(p.dy[i], p.weight[w], &dx[x])
		fma(p.dy[i], p.x[x], &dw[w])
	})
	return
}

// TestError: the distance to the definition is a small multiple of the one that
// the direct computation in float32 has. The package comment states the figures.
func TestError(t *testing.T) {
	const most = 10
	if raceDetector {
		t.Skip("takes long under the race detector, and tests nothing for it")
	}
	for i, s := range []Size{
		{1, 16, 16, 16, 32, 3, 1, 1},
		{1, 16, 16, 64, 16, 3, 1, 1},
		{1, 10, 7, 128, 20, 3, 1, 1},
		{1, 8, 8, 256, 16, 3, 1, 1},
		{1, 9, 9, 16, 192, 3, 0, 0},
		{1, 16, 16, 16, 32, 5, 2, 2},
		{1, 14, 14, 32, 64, 5, 2, 2},
		{1, 10, 7, 128, 20, 5, 2, 2},
		{1, 8, 8, 256, 16, 5, 2, 2},
		{1, 9, 9, 16, 192, 5, 0, 0},
	} {
		for _, positive := range []bool{false, true} {
			p := random(s, uint64(i))
			if positive { // as behind a ReLU
				for k, f := range p.x {
					p.x[k] = max(0, f)
				}
			}
			p.define()
			directY, directDX, directDW := p.direct()
			check := func(t *testing.T, name string, got, direct []float32, want sums) {
				d, here := deviate(direct, want.value), deviate(got, want.value)
				line := fmt.Sprintf("%+v positive %v: %s deviates by %.2g on average, %.2g at most; %.2f and %.2f times the direct computation",
					s, positive, name, here.rms, here.most, here.rms/d.rms, here.most/d.most)
				t.Log(line)
				if !(here.rms <= most*d.rms && here.most <= most*d.most) {
					t.Error(line)
				}
			}
			everyLevel(t, func(t *testing.T) {
				p.run(t, false)
				check(t, "y", p.y, directY, p.wantY)
				check(t, "dx", p.dx, directDX, p.wantDX)
				check(t, "dw", p.dw, directDW, p.wantDW)
			})
		}
	}
}
