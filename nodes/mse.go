package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// MSE is the squared error, for each element
//
//	loss = (y - target)²
//
// and by default their mean.
//
// Shapes: y has any shape; the target has the same, and the type of y. Other
// shapes that would broadcast, such as (N) against (N, 1), are an error.
// Gradients flow to both.
//
// Option: [Reduction].
func MSE(opts ...RegressionOption) graph.Loss { return regression("MSE", squared, opts) }

// A RegressionOption adjusts one [MSE] or [L1].
type RegressionOption interface{ regression(*elementLoss) }

func regression(name string, kind elementKind, opts []RegressionOption) graph.Loss {
	o := &elementLoss{kind: kind}
	for _, opt := range guard.Given(opts) {
		opt.regression(o)
	}
	return func(y, target *graph.Node) *graph.Node {
		return o.loss(y.Layer(name, target), y, target)
	}
}
