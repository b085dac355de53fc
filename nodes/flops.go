package nodes

import "github.com/thinnet/thinnet/graph"

// The ops that multiply matrices or convolve implement [graph.Counter]. All passes
// of one layer take the same number of operations.

func (linear) FLOPs(in ...graph.Shape) int64          { return productFLOPs(in[0], in[1][0]) }
func (linearGradX) FLOPs(in ...graph.Shape) int64     { return productFLOPs(in[0], in[1][1]) }
func (linearGradW) FLOPs(in ...graph.Shape) int64     { return productFLOPs(in[0], in[1][len(in[1])-1]) }
func (op linearPacked) FLOPs(in ...graph.Shape) int64 { return productFLOPs(in[0], op.out) }

// productFLOPs is for the product of x with a matrix that has that many columns.
func productFLOPs(x graph.Shape, columns int) int64 {
	return 2 * int64(x.TotalSize()) * int64(columns)
}

func (op conv) FLOPs(...graph.Shape) int64 {
	return 2 * int64(op.y.TotalSize()) * int64(op.w[1:].TotalSize())
}

func (op convNorm) FLOPs(...graph.Shape) int64      { return op.of.FLOPs() }
func (op linearNorm) FLOPs(in ...graph.Shape) int64 { return linear{}.FLOPs(in...) }

func (op convGradX) FLOPs(...graph.Shape) int64     { return op.of.FLOPs() }
func (op convGradW) FLOPs(...graph.Shape) int64     { return op.of.FLOPs() }
func (op convProduct) FLOPs(...graph.Shape) int64   { return op.of.FLOPs() }
func (op convGradWLast) FLOPs(...graph.Shape) int64 { return op.of.FLOPs() }
func (op convTranspose) FLOPs(...graph.Shape) int64 { return op.of.FLOPs() }
