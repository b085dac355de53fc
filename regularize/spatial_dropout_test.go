package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

func TestSpatialDropoutAgainstHand(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	for _, c := range []struct {
		name  string
		f     func(*graph.Scope, *graph.Node, float64, ...regularize.Option) *graph.Node
		shape graph.Shape
	}{
		{"1D", regularize.SpatialDropout1D, graph.Shape{1, 2, 4}},
		{"2D", regularize.SpatialDropout2D, graph.Shape{1, 2, 2, 2}},
		{"3D", regularize.SpatialDropout3D, graph.Shape{1, 2, 2, 1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := func(s *graph.Scope, x *graph.Node) *graph.Node { return c.f(s.In("drop"), x, 0.5) }
			y, dx := try(t, f, c.shape, x).at(t, stepThat("drop", 0.5, 0, 1), constant(1, 8))
			wantClose(t, "y", y, []float64{0, 0, 0, 0, 10, 12, 14, 16}, 0)
			wantClose(t, "dx", dx, []float64{0, 0, 0, 0, 2, 2, 2, 2}, 0)

			y, dx = try(t, f, c.shape, x, graph.InMode(graph.Eval)).at(t, 0, x)
			wantClose(t, "y in evaluation", y, x, 0)
			wantClose(t, "dx in evaluation", dx, x, 0)
		})
	}
}
