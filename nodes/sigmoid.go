package nodes

import (
	"math"

	"github.com/thinnet/thinnet/graph"
)

// Sigmoid is y = 1 / (1 + exp(-x)) for x of any shape. A loss over it is better
// computed from x: see [BCEWithLogits].
func Sigmoid(x *graph.Node) *graph.Node {
	return x.Layer("Sigmoid").Apply(pointwise{
		name: "Sigmoid",
		f:    sigmoid,
		df:   func(_, y float64) float64 { return y * (1 - y) },
	}, x)
}

// sigmoid may take exp to +Inf, and is then 0 as it should be.
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
