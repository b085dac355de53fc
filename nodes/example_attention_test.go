package nodes_test

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// The products of all pairs of rows of each sample: a·aᵀ.
func ExampleMatMul() {
	count(graph.Shape{2, 2, 2}, func(_ *graph.Scope, a *graph.Node) *graph.Node {
		return nodes.MatMul(a, nodes.Transpose(a, 0, 2, 1))
	})
	// Output: (2, 2, 2) [5 11 11 25 61 83 83 113]
}
