package graph

import (
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// plus is a test op: y = a + b. Both gradients are dy itself.
type plus struct{}

func (plus) String() string                        { return "Plus" }
func (plus) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (op plus) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	for i := range in[0].Float32s() {
		y.Float32s()[i] = in[0].Float32s()[i] + in[1].Float32s()[i]
	}
	return nil
}
func (plus) Backward(_ []*Node, _, dy *Node) []*Node { return []*Node{dy, dy} }

// weigh is a test op: a·b, where dy is known to be 1, so that the gradients are
// the inputs themselves.
type weigh struct{ times }

func (weigh) String() string                          { return "Weigh" }
func (weigh) Backward(in []*Node, _, _ *Node) []*Node { return []*Node{in[1], in[0]} }

// Gorgonia's solvers change the gradients they are given.
func TestSolversMayOverwriteGradients(t *testing.T) {
	sum := func(y, _ *Node) *Node { return y.Layer("Total").Apply(total{}, y) }
	param := func(s *Scope, name string, v ...float64) *Node { return s.Param(name, Shape{1, 2}, Values(v)) }
	for _, c := range []struct {
		name string
		f    Func
		want [][]float32 // of each parameter, after two steps at rate 1
	}{
		{"one gradient for two parameters", func(s *Scope, x *Node) *Node {
			return s.Apply(plus{}, param(s, "a", 5, 5), param(s, "b", 7, 7))
		}, [][]float32{{3, 3}, {5, 5}}},
		{"an input", func(s *Scope, x *Node) *Node {
			return s.Apply(weigh{}, param(s, "a", 5, 5), x)
		}, [][]float32{{3, -1}}},
		{"another parameter", func(s *Scope, _ *Node) *Node {
			return s.Apply(weigh{}, param(s, "a", 1, 2), param(s, "b", 3, 5))
		}, [][]float32{{1 - 3 - (3 - 1), 2 - 5 - (5 - 2)}, {3 - 1 - (1 - 3), 5 - 2 - (2 - 5)}}},
	} {
		tr := build(t, c.f, Shape{1, 2}).Trainer(sum)
		x, solver := vec(1, 3), gorgonia.NewVanillaSolver(gorgonia.WithLearnRate(1))
		for range 2 {
			if _, err := tr.Step(x, vec(0)); err != nil {
				t.Fatalf("%s: %+v", c.name, err)
			}
			if err := tr.Update(solver); err != nil {
				t.Fatalf("%s: %+v", c.name, err)
			}
		}
		for i, w := range tr.m.Weights() {
			if got := w.Value.Float32s(); !slices.Equal(got, c.want[i]) {
				t.Errorf("%s: %s is %v, want %v", c.name, w.Name, got, c.want[i])
			}
		}
		if !slices.Equal(x.Float32s(), []float32{1, 3}) {
			t.Errorf("%s: the input is %v afterwards, want [1 3]", c.name, x.Float32s())
		}
	}
}
