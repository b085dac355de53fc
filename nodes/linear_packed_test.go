package nodes

import (
	"math/rand/v2"
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
