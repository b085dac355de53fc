package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Sigmoid is y = 1 / (1 + exp(-x)) for x of any shape. A loss over it is better
// computed from x: see [BCEWithLogits].
func Sigmoid(x *graph.Node) *graph.Node {
	return x.Layer("Sigmoid").Apply(pointwise{"Sigmoid", kernel.Sigmoid(), operator("Sigmoid")}, x)
}
