package nodes_test

import (
	"math"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// A constant mask of -Inf at the end is KeyLengths, in training too.
func TestAttentionMaskOfConstants(t *testing.T) {
	const n, steps, dim = 2, 4, 3
	inf := math.Inf(-1)
	net := func(opt func(s *graph.Scope) nodes.AttentionOption) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = nodes.Linear(s.In("fc"), x, dim)
			return nodes.ScaledDotProductAttention(s, x, x, x, opt(s))
		}
	}
	lengths := net(func(s *graph.Scope) nodes.AttentionOption {
		return nodes.KeyLengths(s.Ints(graph.Shape{n}, []int{2, 4}))
	})
	mask := net(func(s *graph.Scope) nodes.AttentionOption {
		return nodes.AttentionMask(s.Floats(graph.Shape{n, 1, steps}, []float64{0, 0, inf, inf, 0, 0, 0, 0}))
	})
	values := make([]float32, n*steps*dim)
	for i := range values {
		values[i] = float32(math.Sin(float64(i)))
	}
	x := tensor.New(tensor.WithShape(n, steps, dim), tensor.WithBacking(values))
	var gradients [2][]float32
	for i, f := range []graph.Func{lengths, mask} {
		m, err := graph.Build(f, x.Shape())
		if err != nil {
			t.Fatal(err)
		}
		tr := m.Trainer(nodes.MSE())
		if _, err := tr.Step(x, x); err != nil {
			t.Fatal(err)
		}
		gradients[i] = tr.Gradients()[0].Value.Float32s()
		if w := m.Weights(); len(w) != 2 {
			t.Errorf("got %d weights, want those of fc alone", len(w))
		}
	}
	if !slices.Equal(gradients[0], gradients[1]) {
		t.Errorf("got the gradient\n%v\nby a mask, want that by lengths,\n%v", gradients[1], gradients[0])
	}
}
