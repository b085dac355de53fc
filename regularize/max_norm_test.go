package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

// The solver changes nothing here: the gradients are those of a penalty of 0.
func TestMaxNormAgainstHand(t *testing.T) {
	for _, c := range []struct {
		c    float64
		want []float64
	}{
		{2, []float64{1.2, -1.6, 0, 0.6, 0.8, 0}},
		{0.5, []float64{0.3, -0.4, 0, 0.3, 0.4, 0}},
		{6, []float64{3, -4, 0, 0.6, 0.8, 0}},
	} {
		for _, opts := range [][]graph.Option{nil, {graph.Float64()}} {
			_, _, weights := stepOver(t, func(s *graph.Scope) { regularize.L2(s, 0); regularize.MaxNorm(s, c.c) }, opts...)
			wantClose(t, "weight", weights["fc.weight"], c.want, 2e-7) // a last bit of 1.6 in float32
			wantClose(t, "bias", weights["fc.bias"], []float64{10, 20}, 0)
			wantClose(t, "norm", weights["bn.weight"], []float64{30, 40}, 0)
		}
	}
}

// Rows of length 5 and 1 are made as long as 1, and one of zeros stays.
func TestUnitNormAgainstHand(t *testing.T) {
	for _, opts := range [][]graph.Option{nil, {graph.Float64()}} {
		_, _, weights := stepOver(t, func(s *graph.Scope) {
			s.In("none").Param("weight", graph.Shape{2, 2}, graph.Values([]float64{0, 0, 0.3, 0.4}))
			regularize.L2(s, 0)
			regularize.UnitNorm(s)
		}, opts...)
		wantClose(t, "weight", weights["fc.weight"], []float64{0.6, -0.8, 0, 0.6, 0.8, 0}, 1e-7) // a last bit in float32
		wantClose(t, "zeros", weights["none.weight"], []float64{0, 0, 0.6, 0.8}, 1e-7)
		wantClose(t, "bias", weights["fc.bias"], []float64{10, 20}, 0)
		wantClose(t, "norm", weights["bn.weight"], []float64{30, 40}, 0)
	}
}
