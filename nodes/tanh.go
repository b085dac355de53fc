package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Tanh is y = tanh(x) for x of any shape.
func Tanh(x *graph.Node) *graph.Node {
	return x.Layer("Tanh").Apply(pointwise{"Tanh", kernel.Tanh(), operator("Tanh")}, x)
}
