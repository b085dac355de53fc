package regularize

import "github.com/thinnet/thinnet/graph"

// ChannelDropout zeroes each channel with probability p, at all positions and in all
// samples of the batch together, and scales up the others:
//
//	y[n,c,...] = k[c] · x[n,c,...],   k = 0 with probability p, else 1/(1-p)
//
// Shapes: x is (N, C, ...), with or without positions; y is as x. Where the next node
// is a convolution or a linear layer, it is to train without some of its inputs in
// this step.
//
// [SpatialDropout2D], the usual form, draws for each sample by itself: its gradients
// are the mean over N draws, and here over one.
//
// Modes, p and the random stream are as for [Dropout]; the option is a [Schedule].
func ChannelDropout(s *graph.Scope, x *graph.Node, p float64, opts ...Option) *graph.Node {
	s = s.Layer("ChannelDropout", x)
	if x.Dims() < 2 && s.Err() == nil {
		return s.Errorf("x has shape %v, want (N, C, ...)", x.Shape())
	}
	return noise{rate: newRate(s, p, opts), shape: along(x, 1)}.on(s, x)
}
