package nodes

import "github.com/thinnet/thinnet/graph"

// The convolutions implement [graph.Counter]. All passes of one take the same number
// of operations.

func (op conv) FLOPs(...graph.Shape) int64 {
	return 2 * int64(op.y.TotalSize()) * int64(op.w[1:].TotalSize())
}

func (op convGradX) FLOPs(...graph.Shape) int64     { return op.of.FLOPs() }
func (op convGradW) FLOPs(...graph.Shape) int64     { return op.of.FLOPs() }
func (op convProduct) FLOPs(...graph.Shape) int64   { return op.of.FLOPs() }
func (op convGradWLast) FLOPs(...graph.Shape) int64 { return op.of.FLOPs() }
func (op convTranspose) FLOPs(...graph.Shape) int64 { return op.of.FLOPs() }
