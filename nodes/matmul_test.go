package nodes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

// productCases are rows of the gradient table.
var productCases = []graphtest.Case{
	{Node: "MatMul", In: pair(graph.Shape{3, 4}, graph.Shape{4, 2}), Net: matMul},
	{Node: "MatMul", Name: "batch", In: pair(graph.Shape{2, 3, 4}, graph.Shape{2, 4, 5}), Net: matMul},
	{Node: "MatMul", Name: "two axes of the batch", In: pair(graph.Shape{2, 3, 1, 4}, graph.Shape{2, 3, 4, 2}), Net: matMul},
	{Node: "MatMul", Name: "many axes", In: pair(graph.Shape{2, 1, 2, 3, 4}, graph.Shape{2, 1, 2, 4, 2}), Net: matMul},
	{Node: "MatMul", Name: "one matrix", In: pair(graph.Shape{2, 3, 2, 4}, graph.Shape{4, 2}), Net: matMul},
	{Node: "MatMul", Name: "twice the same", In: normal(2, 3, 3), Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.MatMul(in[0], in[0])
	}},
	{Node: "MatMul", Name: "a gradient of a gradient's shape", In: pair(graph.Shape{2, 4, 3}, graph.Shape{2, 5, 4}), Net: func(_ *graph.Scope, in ...*graph.Node) *graph.Node {
		return nodes.Transpose(nodes.MatMul(nodes.Transpose(in[0], 0, 2, 1), nodes.Transpose(in[1], 0, 2, 1)), 0, 2, 1)
	}},
}

func matMul(_ *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.MatMul(in[0], in[1]) }

// layouts are orders of four axes to transpose from and to: first those that leave
// rows or columns of matrices as they lie in memory.
var layouts = [][]int{{0, 1, 2, 3}, {0, 2, 1, 3}, {0, 1, 3, 2}, {1, 0, 2, 3}, {0, 2, 3, 1}, {1, 2, 3, 0}, {3, 2, 1, 0}}

// Whatever order the operands and the product are stored in, it is that product, and
// so are its gradients, to the bit.
func TestMatMulOfTransposed(t *testing.T) {
	for _, pa := range layouts {
		for _, pb := range layouts {
			for _, pc := range layouts {
				got, _ := runTransposed(t, pa, pb, pc, func(_ *graph.Scope, x *graph.Node) *graph.Node { return x })
				want, transposes := runTransposed(t, pa, pb, pc, func(s *graph.Scope, x *graph.Node) *graph.Node {
					return nodes.Mul(x, s.State("one", graph.Shape{}, graph.Ones())) // so that nothing is taken over
				})
				if transposes < 3 {
					t.Fatalf("%v, %v, %v: %d transposes are left, want all of them", pa, pb, pc, transposes)
				}
				for i := range want {
					if !slices.Equal(got[i], want[i]) {
						t.Fatalf("a stored as %v, b as %v, product transposed by %v: value %d differs", pa, pb, pc, i)
					}
				}
			}
		}
	}
}

// The heads of an attention are multiplied where they lie: nothing is transposed.
func TestMatMulTransposesInPlace(t *testing.T) {
	for _, pa := range layouts[:3] {
		for _, pb := range layouts[:3] {
			for _, pc := range layouts[:3] {
				if _, n := runTransposed(t, pa, pb, pc, func(_ *graph.Scope, x *graph.Node) *graph.Node { return x }); n > 0 {
					t.Errorf("a stored as %v, b as %v, product transposed by %v: %d values are transposed, want none", pa, pb, pc, n)
				}
			}
		}
	}
}

// runTransposed multiplies two transposed parameters and transposes the product. It
// returns that with the gradients, and how many transposes the program makes.
func runTransposed(t *testing.T, pa, pb, pc []int, between func(*graph.Scope, *graph.Node) *graph.Node) (out [][]float32, transposes int) {
	t.Helper()
	const n, h, m, k, l = 2, 3, 4, 5, 6
	net := func(s *graph.Scope, _ *graph.Node) *graph.Node {
		turned := func(name string, x *graph.Node, axes []int) *graph.Node {
			return between(s.In(name), nodes.Transpose(x, axes...))
		}
		a := turned("a", s.Param("a", stored(pa, n, h, m, k), graph.Normal(0, 1)), pa)
		b := turned("b", s.Param("b", stored(pb, n, h, k, l), graph.Normal(0, 1)), pb)
		return nodes.Transpose(between(s.In("c"), nodes.MatMul(a, b)), pc...)
	}
	model, err := graph.Build(net, graph.Shape{1, 1})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	dy := make([]float64, n*h*m*l)
	for i := range dy {
		dy[i] = float64(i%7) - 3
	}
	tr := model.Trainer(dotLoss)
	r, err := tr.Step(zeros(), tensor.New(tensor.WithShape(1, len(dy)), tensor.WithBacking(dy)))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	out = append(out, slices.Clone(r.Output.Float32s()))
	for _, g := range tr.Gradients() {
		out = append(out, slices.Clone(g.Value.Float32s()))
	}
	costs, err := tr.Profile()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range costs {
		if strings.HasPrefix(c.Op, "Transpose") {
			transposes++
		}
	}
	return out, transposes
}

// stored is the shape that Transpose makes the given one of.
func stored(axes []int, shape ...int) graph.Shape {
	out := make(graph.Shape, len(axes))
	for i, axis := range axes {
		out[axis] = shape[i]
	}
	return out
}

func TestMatMulMistakes(t *testing.T) {
	for _, c := range []struct {
		a, b graph.Shape
		want string
	}{
		{graph.Shape{2, 3}, graph.Shape{4, 2}, "a has shape (2, 3) and b (4, 2)"},
		{graph.Shape{2, 3, 4}, graph.Shape{3, 4, 2}, "a has shape (2, 3, 4) and b (3, 4, 2)"},
		{graph.Shape{3, 4}, graph.Shape{2, 4, 2}, "a has shape (3, 4) and b (2, 4, 2)"},
		{graph.Shape{4}, graph.Shape{4, 2}, "a has shape (4) and b (4, 2)"},
	} {
		_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
			return nodes.MatMul(s.Param("a", c.a, graph.Ones()), s.Param("b", c.b, graph.Ones()))
		}, graph.Shape{1, 1})
		want := fmt.Sprintf("graph.Build: matmul#1: MatMul: %s, want (..., m, k) and (..., k, n) with equal leading axes, or (k, n)", c.want)
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
