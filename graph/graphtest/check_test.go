package graphtest_test

import (
	"math"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
)

func apply(op graph.Op) func(*graph.Scope, ...*graph.Node) *graph.Node {
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node { return s.Layer("Test").Apply(op, in...) }
}

func check(c graphtest.Case) *recorder {
	r := &recorder{}
	graphtest.Check(r, c)
	return r
}

func TestRightGradientsPass(t *testing.T) {
	good := func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		w := s.In("fc").Param("weight", in[0].Shape(), graph.Zeros())
		return s.Layer("Test").Apply(scale{}, apply(cube{factor: 1})(s, in[0]), w)
	}
	for _, c := range []graphtest.Case{
		{Name: "with a parameter", Net: good, In: []graphtest.Input{graphtest.Normal(2, 3)}},
		{Name: "large", Net: good, In: []graphtest.Input{graphtest.Normal(20, 30)}},
		{Name: "scalar", Net: apply(cube{factor: 1}), In: []graphtest.Input{graphtest.Values(graph.Shape{}, 0.5)}},
		{Name: "two inputs", Net: apply(scale{}), In: []graphtest.Input{graphtest.Away(1, 4), graphtest.Distinct(4)}},
		{Name: "twice the same", In: []graphtest.Input{graphtest.Uniform(1, 2, 4)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			return apply(scale{})(s, in[0], in[0])
		}},
		{Name: "fixed", Net: apply(scale{half: true}), In: []graphtest.Input{graphtest.Normal(4), graphtest.Normal(4).Fixed()}},
		{Name: "indices", Net: apply(pick{}), In: []graphtest.Input{graphtest.Normal(3, 4), graphtest.Ints(graph.Shape{3}, 3, 0, 2)}},
		{Name: "identity", In: []graphtest.Input{graphtest.Normal(3)}, Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return in[0] }},
		{Name: "drawing", Modes: []graph.Mode{graph.Train, graph.MonteCarlo}, In: []graphtest.Input{graphtest.Normal(9)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			return apply(drop{})(s, in[0], s.Step())
		}},
		{Name: "unused", ZeroGradient: true, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return in[0] }, In: []graphtest.Input{graphtest.Normal(3), graphtest.Normal(3)}},
		{Name: "penalty", In: []graphtest.Input{graphtest.Normal(2, 3)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			s.Penalise(func(s *graph.Scope, w *graph.Node) *graph.Node {
				return apply(cube{factor: 1})(s, s.Layer("Pick").Apply(sum{}, w))
			})
			return good(s, in...)
		}},
	} {
		t.Run(c.Name, func(t *testing.T) { check(c).wantNone(t) })
	}
}

func TestWrongGradientsFail(t *testing.T) {
	x := []graphtest.Input{graphtest.Normal(2, 3)}
	for _, v := range []struct {
		name string
		op   graph.Op
		in   []graphtest.Input
		want []string
	}{
		{"factor", cube{factor: 1.001}, x, []string{"Test/factor in train mode", "(in).0", "shape (2, 3)", "6 of 6 elements are wrong", "got", "want", "tolerance"}},
		{"factor", cube{factor: 1.001}, x, []string{"in eval mode", "(in).0"}},
		{"sign", cube{factor: -1}, x, []string{"6 of 6 elements"}},
		{"zero", cube{factor: 0}, x, []string{"got 0,"}},
		{"extra term", cube{1, 1e-5}, x, []string{"6 of 6 elements"}},
		{"not a number", cube{math.NaN(), 0}, x, []string{"got NaN"}},
		{"missing", scale{half: true}, []graphtest.Input{graphtest.Normal(3), graphtest.Normal(3)}, []string{"(in).1", "got 0,"}},
		{"other mask", drop{offset: 1}, []graphtest.Input{graphtest.Normal(9), graphtest.Ints(graph.Shape{1}, 0)}, []string{"(in).0"}},
		{"not differentiable", nowhere{}, x, []string{"the loss depends on no parameter; Nowhere has no gradient"}},
		{"one element of many", oneWrong{}, []graphtest.Input{graphtest.Normal(50)}, []string{"1 of 50 elements are wrong; worst is [17]"}},
	} {
		t.Run(v.name, func(t *testing.T) {
			check(graphtest.Case{Name: v.name, Node: "Test", Net: apply(v.op), In: v.in}).wantFailure(t, v.want...)
		})
	}
}

func TestChecksThatFindNothingFail(t *testing.T) {
	x := []graphtest.Input{graphtest.Normal(2, 3)}
	first := func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return in[0] }
	check(graphtest.Case{Net: first, In: append(x, x...)}).wantFailure(t, "(in).1: the gradient is 0 everywhere")
	check(graphtest.Case{Net: first, In: x, ZeroGradient: true}).wantFailure(t, "ZeroGradient is set, but no gradient is 0")
	check(graphtest.Case{Net: first, In: []graphtest.Input{x[0].Fixed()}}).wantFailure(t, "nothing to differentiate by")
	check(graphtest.Case{Net: apply(cube{factor: 2}), In: x, Modes: []graph.Mode{}}).wantFailure(t, "in train mode", "6 of 6 elements are wrong")
}

func TestErrorsOfTheNetFail(t *testing.T) {
	check(graphtest.Case{
		Name: "mistake", Node: "Test", In: []graphtest.Input{graphtest.Normal(2)},
		Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
			return s.In("fc").Errorf("x has shape %v", in[0].Shape())
		},
	}).wantFailure(t, "Test/mistake in train mode", "fc: x has shape (2)")
	check(graphtest.Case{
		In:  []graphtest.Input{graphtest.Values(graph.Shape{3}, 1, 2)},
		Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return in[0] },
	}).wantFailure(t, "got 2 values for shape (3), want 3")
	check(graphtest.Case{
		In:  []graphtest.Input{graphtest.Ints(graph.Shape{3}, 1, 2)},
		Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return in[0] },
	}).wantFailure(t, "got 2 values for a constant of shape (3), want 3")
}

// An op that isn't pure gives each machine another result. Differences are too
// coarse to show it here: it changes by 1e-11 a call.
func TestMachinesThatDisagreeFail(t *testing.T) {
	r := check(graphtest.Case{Tolerance: 1e-4, Net: apply(dependent{new(int)}), In: []graphtest.Input{graphtest.Normal(3)}})
	r.wantFailure(t, "graph.VM: output differs from the trainer's")
	r.wantFailure(t, "gorgonia.TapeMachine: output differs from the trainer's")
	for _, f := range r.failures {
		if !strings.Contains(f, "output differs") {
			t.Errorf("got failure %q, want none but those of the machines", f)
		}
	}
}

// Parameters start as zeros, and a check at zeros would not see this factor.
func TestParametersAreGeneric(t *testing.T) {
	check(graphtest.Case{In: []graphtest.Input{graphtest.Normal(4)}, Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		w := s.In("fc").Param("weight", graph.Shape{4}, graph.Zeros())
		v := s.In("fc").State("running_var", graph.Shape{4}, graph.Ones())
		w = apply(cube{factor: 2})(s, w)
		return apply(scale{half: true})(s, apply(scale{})(s, in[0], w), v)
	}}).wantFailure(t, "fc.weight", "4 of 4 elements are wrong")
}
