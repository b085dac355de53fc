package nodes

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// TestLinearSteps: with the weight packed, with or without bias and ReLU, the
// numbers are those of the op itself.
func TestLinearSteps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, x := range []graph.Shape{{1, 40}, {33, 40}, {3, 5, 40}} {
		in := []*tensor.Dense{normal(r, x), normal(r, graph.Shape{50, 40}), normal(r, graph.Shape{50})}
		clamped, _ := linear{}.withReLU()
		for _, op := range []graph.Splitter{linear{}, clamped.(linear)} {
			for inputs := 2; inputs <= 3; inputs++ {
				want := forward(t, op, in[:inputs]...)
				got := want.Clone().(*tensor.Dense)
				got.Zero()
				if err := inSteps(op, got, in[:inputs]); err != nil {
					t.Fatal(err)
				}
				sameNumbers(t, op.String(), got, want)
			}
		}
		want := forward(t, relu{}, forward(t, linear{}, in...))
		sameNumbers(t, "ReLU of Linear", forward(t, clamped, in...), want)
	}
}

// TestLinearTakesReLU: a program computes the two in one product, and gives the
// same numbers for one row as for many.
func TestLinearTakesReLU(t *testing.T) {
	net := func(s *graph.Scope, x *graph.Node) *graph.Node {
		return Linear(s.In("fc2"), ReLU(Linear(s.In("fc1"), x, 70)), 10)
	}
	m, err := graph.Build(net, graph.Shape{33, 40}, graph.Seed(1))
	if err != nil {
		t.Fatal(err)
	}
	x := normal(rand.New(rand.NewPCG(3, 4)), graph.Shape{33, 40})
	p, err := m.Profile(x)
	if err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, c := range p {
		ops = append(ops, c.Op)
	}
	if want := []string{"LinearPacked", "LinearPacked"}; !slices.Equal(ops, want) {
		t.Errorf("a prediction runs %q, want %q", ops, want)
	}
	if want := int64(2 * 33 * 40 * 70); p[0].FLOPs != want {
		t.Errorf("the first product counts %d operations, want %d", p[0].FLOPs, want)
	}
	all, err := m.Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	one, err := m.Predict(tensor.New(tensor.WithShape(1, 40), tensor.WithBacking(x.Float32s()[40:80])))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := one.Float32s(), all.Float32s()[10:20]; !slices.Equal(got, want) {
		t.Errorf("alone, a row gives %v, among others %v", got, want)
	}
}
