package tensorboard_test

import (
	"math"
	"testing"

	"github.com/thinnet/thinnet/tensorboard"
)

// Every finite number is in the bin that its limits say.
func TestBin(t *testing.T) {
	for _, c := range []struct {
		name     string
		x        []float64
		low, top float64
	}{
		{"nothing", nil, 0, 0},
		{"nothing finite", []float64{math.NaN(), math.Inf(1)}, 0, 0},
		{"one", []float64{2.5}, 2.5, 2.5},
		{"equal ones", []float64{-3, -3, -3}, -3, -3},
		{"several", []float64{-1, -0.5, 0, 0.25, 7, math.Inf(-1)}, -1, 7},
		{"tiny", []float64{5e-324, 1e-323, 0}, 0, 1e-323},
		{"close", []float64{1, math.Nextafter(1, 2)}, 1, math.Nextafter(1, 2)},
		{"huge", []float64{-math.MaxFloat64, 0, math.MaxFloat64}, -math.MaxFloat64, math.MaxFloat64},
	} {
		h := tensorboard.Bin(c.x)
		if h.Min != c.low || h.Max != c.top || h.Limits[len(h.Limits)-1] != c.top || len(h.Limits) != len(h.Counts) {
			t.Errorf("%s: got %+v", c.name, h)
		}
		total, finite := 0.0, 0.0
		for _, n := range h.Counts {
			total += n
		}
		for _, v := range c.x {
			if v-v == 0 {
				finite++
			}
		}
		if total != finite {
			t.Errorf("%s: the bins hold %v numbers, want %v", c.name, total, finite)
		}
	}
}
