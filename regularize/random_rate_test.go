package regularize_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/regularize"
)

// The mask of a drawn rate is that of a constant one: the rate of the step, read
// from the last block of the step.
func TestRandomRate(t *testing.T) {
	shape := graph.Shape{50, 40}
	x := constant(1, shape.TotalSize())
	drawn := try(t, dropout(0.9, regularize.RandomRate(0.3)), shape, x)
	for step := range uint64(5) {
		w := philox.Block(philox.At(step, math.MaxUint64), philox.KeyOf(seed, "drop"))
		u := float64(uint64(w[0])+uint64(w[1])<<32) * 0x1p-64
		y, dx := drawn.at(t, step, x)
		wantY, wantDX := try(t, dropout(0.3+0.6*u), shape, x).at(t, step, x)
		wantClose(t, "output", y, wantY, 0)
		wantClose(t, "gradient", dx, wantDX, 0)
	}
}

// Over many steps the rates are even between from and p: mean 1/2 and variance
// 1/12, of which the draws of a mask add p(1-p)/n, on average 1/(6n).
func TestRandomRatesAreEven(t *testing.T) {
	const steps, n = 4000, 1000
	x := constant(1, n)
	drawn := try(t, dropout(1, regularize.RandomRate(0)), graph.Shape{n}, x)
	var rates []float32
	for step := range uint64(steps) {
		y, _ := drawn.at(t, step, x)
		dropped := 0
		for _, v := range y {
			if v == 0 {
				dropped++
			}
		}
		rates = append(rates, float32(dropped)/n)
	}
	mean, variance := moments(rates)
	wantWithin(t, "mean rate", mean, 0.5, 4*math.Sqrt(1./12/steps))
	// The variance of a squared deviation of an even distribution is 1/180.
	wantWithin(t, "variance of rates", variance, 1./12+1./6/n, 4*math.Sqrt(1./180/steps))
}
