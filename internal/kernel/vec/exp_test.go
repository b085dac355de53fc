package vec

import (
	"math"
	"testing"
)

func TestExp32(t *testing.T) {
	for x := -699.0; x < 699; x += 0.00731 {
		if got, want := exp32(x), math.Exp(x); math.Abs(got/want-1) > 1e-8 {
			t.Fatalf("exp32(%v) = %v, want %v within 1e-8, the documented bound", x, got, want)
		}
	}
	for _, x := range []float64{math.Inf(-1), -1e9, -745, 0, 700, 709, 1e9, math.Inf(1), math.NaN()} {
		if got, want := exp32(x), math.Exp(x); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("exp32(%v) = %v, want %v", x, got, want)
		}
	}
}
