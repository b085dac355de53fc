package graph_test

import (
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// The gradient of a node that is used as it is and in another shape is a sum with a
// reshaped term, which allocates as little as any.
func TestSumsWithReshapedTermsAllocateNothing(t *testing.T) {
	m := buildNet(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		w := nodes.Linear(s.In("fc"), x, 6, nodes.WeightInit(graph.Ones()), nodes.NoBias())
		z := nodes.Reshape(w, 0, 2, 3)
		y := nodes.Add(nodes.Flatten(z), w)
		return nodes.Add(y, nodes.Flatten(nodes.Mul(z, z)))
	}, graph.Shape{4, 5})
	tr := m.Trainer(nodes.L1(nodes.Sum))
	x, target := ones(tensor.Float32, 4, 5), tensor.New(tensor.WithShape(4, 6), tensor.Of(tensor.Float32))
	step := func() {
		if _, err := tr.Step(x, target); err != nil {
			t.Fatalf("%+v", err)
		}
	}
	for range 3 {
		step()
	}
	if n := testing.AllocsPerRun(10, step); n >= 1 {
		t.Errorf("a step makes %v allocations, want 0", n)
	}
	// w is 5: each of 4 samples has the derivative 1 + 1 + 2·5.
	if got, want := tr.Gradients()[0].Value.Float32s(), slices.Repeat([]float32{48}, 30); !slices.Equal(got, want) {
		t.Errorf("the gradient is %v, want %v", got, want)
	}
}
