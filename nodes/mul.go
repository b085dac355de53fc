package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Mul is a · b element by element, broadcast by NumPy's rules: aligned at the
// right, the sizes of an axis are equal or one of them is 1.
func Mul(a, b *graph.Node) *graph.Node { return broadcastOver(a.Layer("Mul", b), mul{}, a, b) }

type mul struct{ broadcast }

func (mul) String() string { return "Mul" }

func (mul) Forward(y *tensor.Dense, in ...*tensor.Dense) error { return operate(kernel.OpMul, y, in) }

func (op mul) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("MulGrad")
	a, b := in[0], in[1]
	return []*graph.Node{
		reduceTo(s, s.Apply(op, dy, b), a.Shape()),
		reduceTo(s, s.Apply(op, dy, a), b.Shape()),
	}
}
