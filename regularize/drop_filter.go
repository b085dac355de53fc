package regularize

import "github.com/thinnet/thinnet/graph"

// DropFilter returns a function for [nodes.Parametrize] that drops whole filters: the
// layer uses
//
//	w'[o, ...] = k[o] · w[o, ...],   k = 0 with probability p, else 1/(1-p)
//
// with one factor for each output. The map that a dropped filter makes holds its bias
// alone, in all samples of the batch; [SpatialDropout2D] drops maps with their bias,
// others in each sample.
//
//	nodes.Conv2D(s.In("conv1"), x, 32, 3, nodes.Parametrize(regularize.DropFilter(0.1)))
//
// Axis 0 of the weight is taken for its outputs, as it is in all layers but transposed
// convolutions, whose inputs lie there. All else is as for [DropConnect].
//
// Source: Chen, Niu, Tian, DropFilter: Dropout for Convolutions, 2018,
// https://arxiv.org/abs/1810.09849.
func DropFilter(p float64, opts ...DropConnectOption) graph.Func {
	return onWeight("DropFilter", p, opts, firstAxis)
}
