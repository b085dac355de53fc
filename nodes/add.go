package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Add is a + b, broadcast by NumPy's rules: aligned at the right, the sizes of an
// axis are equal or one of them is 1.
func Add(a, b *graph.Node) *graph.Node { return broadcastOver(a.Layer("Add", b), add{}, a, b) }

type add struct{ broadcast }

func (add) String() string { return "Add" }

func (add) Forward(y *tensor.Dense, in ...*tensor.Dense) error { return operate(kernel.OpAdd, y, in) }

func (add) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("AddGrad")
	return []*graph.Node{reduceTo(s, dy, in[0].Shape()), reduceTo(s, dy, in[1].Shape())}
}
