package nodes

import (
	"math"

	"github.com/thinnet/thinnet/graph"
)

// Tanh is y = tanh(x) for x of any shape.
func Tanh(x *graph.Node) *graph.Node {
	return x.Layer("Tanh").Apply(pointwise{
		name: "Tanh",
		f:    math.Tanh,
		df:   func(_, y float64) float64 { return 1 - y*y },
	}, x)
}
