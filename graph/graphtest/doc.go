// Package graphtest checks the gradients of node functions, those of this
// module and those of users alike.
//
//	func TestGradients(t *testing.T) {
//		graphtest.CheckAll(t, []graphtest.Case{{
//			Node: "Swish",
//			In:   []graphtest.Input{graphtest.Normal(2, 3)},
//			Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node {
//				return Swish(in[0])
//			},
//		}})
//	}
//
// # What is checked
//
// The loss is the sum of the output's elements, each times a fixed random
// number: summed without them, the gradient of a softmax or of a normalisation
// is zero, and a wrong one would pass. Its derivative with respect to elements
// of every input and parameter is compared with the central difference
//
//	(loss(v + h) - loss(v - h)) / 2h
//
// in float64, in each mode, at step 0, so that every evaluation draws the same
// masks. Parameters and state are moved away from their initial values, as
// zeros and ones hide mistakes.
//
// Outputs and gradients are then compared with those that Gorgonia's own
// TapeMachine and [graph.VM] compute from the same nodes. These machines share
// state between graphs, so tests that check must not run in parallel.
//
// # What the caller sees to
//
// A difference is wrong at a kink or a jump. Keep inputs away from them by
// [Away], [Distinct] or [Values].
package graphtest
