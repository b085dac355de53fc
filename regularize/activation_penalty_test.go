package regularize_test

import (
	"fmt"
	"log"
	"math"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

// sequences are two samples of three steps of two features, as parameters.
func sequences(s *graph.Scope) *graph.Node {
	return s.In("h").Param("value", graph.Shape{2, 3, 2}, graph.Values([]float64{1, 2, 3, 2, 3, -2, 0, 0, 0, 1, 2, 1}))
}

// By hand: Σ h² = 37 of 12 elements; the differences in time are 2 0, 0 -4 and
// 0 1, 2 0, whose squares sum to 25, of 8 elements.
func TestActivationPenaltiesAgainstHand(t *testing.T) {
	ar := func(alpha float64) func(s *graph.Scope, h *graph.Node) {
		return func(s *graph.Scope, h *graph.Node) { regularize.ActivationL2(s.In("ar"), h, alpha) }
	}
	tar := func(beta float64) func(s *graph.Scope, h *graph.Node) {
		return func(s *graph.Scope, h *graph.Node) { regularize.TemporalActivationL2(s.In("tar"), h, beta) }
	}
	for name, c := range map[string]struct {
		rule     func(s *graph.Scope, h *graph.Node)
		loss     float64
		gradient []float64
	}{
		"AR":  {ar(6), 18.5, []float64{1, 2, 3, 2, 3, -2, 0, 0, 0, 1, 2, 1}},
		"TAR": {tar(4), 12.5, []float64{-2, 0, 2, 4, 0, -4, 0, -1, -2, 1, 2, 0}},
		"both": {func(s *graph.Scope, h *graph.Node) { ar(6)(s, h); tar(4)(s, h) }, 31,
			[]float64{-1, 2, 5, 6, 3, -6, 0, -1, -2, 2, 4, 1}},
		"α of 0": {ar(0), 0, make([]float64, 12)},
		"one step": {func(s *graph.Scope, h *graph.Node) {
			regularize.TemporalActivationL2(s, nodes.Reshape(h, 6, 1, 2), 4)
		}, 0, nil},
	} {
		for _, opts := range [][]graph.Option{nil, {graph.Float64()}} {
			t.Run(name, func(t *testing.T) {
				m := build(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
					c.rule(s, sequences(s))
					return nodes.Mul(x, s.Param("weight", graph.Shape{1, 1}, graph.Ones()))
				}, graph.Shape{1, 1}, opts...)
				tr := m.Trainer(dot)
				r, err := tr.Step(row(1), row(1))
				if err != nil {
					t.Fatalf("%+v", err)
				}
				if math.Abs(r.Loss-1-c.loss) > 1e-5 { // a few roundings of float32
					t.Errorf("penalty: got %v, want %v, tolerance 1e-5", r.Loss-1, c.loss)
				}
				switch g := tr.Gradients()[0]; {
				case c.gradient == nil && g.Value != nil:
					t.Errorf("got a gradient %v of %s, want none", g.Value, g.Name)
				case c.gradient != nil:
					wantClose(t, "gradient", floats(g.Value), c.gradient, 1e-6)
				}
				if e, err := tr.Evaluate(row(1), row(1)); err != nil || e.Loss != 1 {
					t.Errorf("evaluation: got loss %v and error %v, want a loss without penalties, 1", e.Loss, err)
				}
			})
		}
	}
}

func TestGradientsOfActivationPenalties(t *testing.T) {
	for name, rule := range map[string]func(s *graph.Scope, h *graph.Node){
		"ActivationL2":         func(s *graph.Scope, h *graph.Node) { regularize.ActivationL2(s, h, 2) },
		"TemporalActivationL2": func(s *graph.Scope, h *graph.Node) { regularize.TemporalActivationL2(s, h, 1) },
		"both, of a dropout": func(s *graph.Scope, h *graph.Node) {
			regularize.TemporalActivationL2(s.In("tar"), h, 1)
			regularize.ActivationL2(s.In("ar"), regularize.Dropout(s.In("drop"), h, 0.4), 2)
		},
	} {
		for _, shape := range [][]int{{2, 3, 4}, {1, 2, 1}, {3, 40, 150}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				graphtest.Check(t, graphtest.Case{
					Name: name, Modes: []graph.Mode{graph.Train}, In: []graphtest.Input{graphtest.Normal(shape...)},
					Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
						h := nodes.Tanh(in[0])
						rule(s, h)
						return h
					},
				})
			})
		}
	}
}

func TestMistakesInActivationPenalties(t *testing.T) {
	for _, c := range []struct {
		rule func(s *graph.Scope, x *graph.Node)
		want string
	}{
		{func(s *graph.Scope, x *graph.Node) { regularize.ActivationL2(s.In("ar"), x, -1) }, "ar: ActivationL2: α is -1, want a finite value ≥ 0"},
		{func(s *graph.Scope, x *graph.Node) { regularize.ActivationL2(s, x, math.NaN()) }, "ActivationL2: α is NaN, want a finite value ≥ 0"},
		{func(s *graph.Scope, x *graph.Node) { regularize.TemporalActivationL2(s, x, math.Inf(1)) }, "TemporalActivationL2: β is +Inf, want a finite value ≥ 0"},
		{func(s *graph.Scope, x *graph.Node) { regularize.TemporalActivationL2(s, x, 1) }, "TemporalActivationL2: h has shape (2, 3), want (N, T, F)"},
		{func(s *graph.Scope, x *graph.Node) {
			regularize.ActivationL2(s, s.Ints(graph.Shape{2}, []int{1, 2}), 1)
		}, "ActivationL2: the activations have element type int, want float32"},
	} {
		_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			c.rule(s, x)
			return x
		}, graph.Shape{2, 3})
		if err == nil || err.Error() != "graph.Build: "+c.want {
			t.Errorf("got error %v, want %q", err, "graph.Build: "+c.want)
		}
	}
}

// For activations of 1, 2, 4 the mean square is 7.
func ExampleActivationL2() {
	printPenalty(func(s *graph.Scope, h *graph.Node) {
		regularize.ActivationL2(s, regularize.Dropout(s.In("drop"), h, 0), 2)
	})
	// Output: 14
}

// For activations of 1, 2, 4 the mean square of the steps 1 and 2 is 2.5.
func ExampleTemporalActivationL2() {
	printPenalty(func(s *graph.Scope, h *graph.Node) { regularize.TemporalActivationL2(s, h, 1) })
	// Output: 2.5
}

// printPenalty prints the training loss of a model whose error is 0.
func printPenalty(rule func(s *graph.Scope, h *graph.Node)) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		h := nodes.Mul(x, s.Param("weight", graph.Shape{1, 1, 1}, graph.Ones()))
		rule(s, h)
		return h
	}, graph.Shape{1, 3, 1})
	if err != nil {
		log.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(1, 3, 1), tensor.WithBacking([]float32{1, 2, 4}))
	r, err := m.Trainer(nodes.MSE()).Step(x, x)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Loss)
}
