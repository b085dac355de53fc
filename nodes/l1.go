package nodes

import "github.com/thinnet/thinnet/graph"

// L1 is the absolute error, for each element
//
//	loss = |y - target|
//
// and by default their mean. The derivative where y = target is 0. Shapes and
// gradients are as in [MSE].
//
// Option: [Reduction].
func L1(opts ...RegressionOption) graph.Loss { return regression("L1", absolute, opts) }
