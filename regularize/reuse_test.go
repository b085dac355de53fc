package regularize_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// Inputs may be handed over in a slice that is used again, even for the node that
// is made of them: nodes remember what they were given, not where.
func TestInputsAreTheCallersToReuse(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		xs := []*graph.Node{nodes.ReLU(x), x}
		xs[0] = nodes.Concat(1, xs...)
		if op, in := xs[0].Made(); op == nil || len(in) != 2 || in[0] == xs[0] {
			return s.Errorf("a node is its own input: it says it is made by %v of %v", op, in)
		}
		_, in := xs[0].Made()
		in[0] = xs[0] // a copy as well
		return nodes.GlobalAvgPool(regularize.SpatialDropout2D(s.In("drop"), xs[0], 0.5))
	}, graph.Shape{2, 3, 4, 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.Sample(tensor.New(tensor.WithShape(2, 3, 4, 4), tensor.Of(tensor.Float32)), 0); err != nil {
		t.Fatal(err)
	}
}
