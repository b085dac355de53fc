package nodes

import "github.com/thinnet/thinnet/graph"

// An activated op can apply a ReLU to its output as it writes it.
type activated interface {
	withReLU() (graph.Op, bool)
}
