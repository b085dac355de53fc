package nodes_test

import (
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// A square is a weight that two layers can use: of shape (3, 3).
func square(s *graph.Scope, path string) *graph.Node {
	return s.In(path).Param("weight", graph.Shape{3, 3}, graph.Values([]float64{.1, -.2, .3, .4, .5, -.6, .7, -.8, .9}))
}

// The gradient of a shared weight is the sum of those of two copies of it.
func TestGradientsOfASharedWeightAddUp(t *testing.T) {
	grads := func(second string) (loss float64, grads map[string][]float64) {
		m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			w := square(s, "first")
			v := w
			if second != "first" {
				v = square(s, second)
			}
			x = nodes.Tanh(nodes.Linear(s.In("a"), x, 3, nodes.SharedWeight(w), nodes.BiasInit(graph.Ones())))
			return nodes.Linear(s.In("b"), x, 3, nodes.SharedWeight(v), nodes.NoBias())
		}, graph.Shape{2, 3}, graph.Float64())
		if err != nil {
			t.Fatalf("%+v", err)
		}
		tr := m.Trainer(nodes.MSE(nodes.Sum))
		x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{1, 2, 3, -1, 0.5, 0}))
		r, err := tr.Step(x, tensor.New(tensor.WithShape(2, 3), tensor.Of(tensor.Float64)))
		if err != nil {
			t.Fatalf("%+v", err)
		}
		grads = map[string][]float64{}
		for _, g := range tr.Gradients() {
			grads[g.Name] = append([]float64(nil), g.Value.Float64s()...)
		}
		return r.Loss, grads
	}
	loss, tied := grads("first")
	want, free := grads("second")
	if loss != want {
		t.Errorf("got a loss of %v, want %v as with two weights", loss, want)
	}
	if len(tied) != 2 || len(free) != 3 {
		t.Errorf("got gradients of %d and %d parameters, want 2 and 3: the weights and a bias", len(tied), len(free))
	}
	for i, g := range tied["first.weight"] {
		sum := free["first.weight"][i] + free["second.weight"][i]
		if d := g - sum; d > 1e-14 || d < -1e-14 { // sums in another order
			t.Errorf("element %d: got gradient %v, want %v + %v", i, g, free["first.weight"][i], free["second.weight"][i])
		}
	}
}

func TestGradientsOfLayersWithASharedWeight(t *testing.T) {
	graphtest.CheckAll(t, []graphtest.Case{
		{Node: "Linear", Name: "shared and parametrised", In: []graphtest.Input{graphtest.Normal(4, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			w := nodes.SharedWeight(square(s, "first"))
			twice := func(_ *graph.Scope, w *graph.Node) *graph.Node { return nodes.Add(w, w) }
			return nodes.Linear(s.In("b"), nodes.Linear(s.In("a"), in[0], 3, w), 3, w, nodes.Parametrize(twice))
		}},
		{Node: "Conv1D", Name: "shared", In: []graphtest.Input{graphtest.Normal(2, 2, 5)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			w := nodes.SharedWeight(s.In("first").Param("weight", graph.Shape{2, 2, 3}, graph.Normal(0, 1)))
			return nodes.Conv1D(s.In("b"), nodes.Conv1D(s.In("a"), in[0], 2, 3, w), 2, 3, w)
		}},
		{Node: "ConvTranspose2D", Name: "shared", In: []graphtest.Input{graphtest.Normal(2, 2, 4, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			w := nodes.SharedWeight(s.In("first").Param("weight", graph.Shape{4, 2, 2, 2}, graph.Normal(0, 1)))
			return nodes.ConvTranspose2D(s.In("b"), nodes.Conv2D(s.In("a"), in[0], 4, 2, w), 2, 2, w)
		}},
	})
}

func TestSharedWeightMistakes(t *testing.T) {
	for _, c := range []struct {
		net  graph.Func
		want string
	}{
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 3, nodes.SharedWeight(nil))
		}, "fc: Linear: the node of SharedWeight is nil"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 4, nodes.SharedWeight(square(s, "first")))
		}, "fc: Linear: the node of SharedWeight has shape (3, 3), want (4, 3)"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			w := s.In("first").Param("weight", graph.Shape{3}, graph.Ones())
			return nodes.Conv1D(s.In("conv"), nodes.Reshape(x, -1, 3, 1), 2, 1, nodes.SharedWeight(w))
		}, "conv: Conv1D: the node of SharedWeight has shape (3), want (2, 3, 1)"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 3, nodes.SharedWeight(s.Ints(graph.Shape{3, 3}, make([]int, 9))))
		}, "fc: Linear: the node of SharedWeight has element type int, want float32"},
		{func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.Linear(s.In("fc"), x, 3, nodes.SharedWeight(s.In("a").Errorf("the first mistake")))
		}, "a: the first mistake"},
	} {
		_, err := graph.Build(c.net, graph.Shape{4, 3})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}
