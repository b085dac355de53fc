package regularize

import "github.com/thinnet/thinnet/graph"

// LockedDropout zeroes each feature of each sequence with probability p, at all time
// steps together, and scales up the others:
//
//	y[n,t,f] = k[n,f] · x[n,t,f],   k = 0 with probability p, else 1/(1-p)
//
// Shapes: x is (N, T, F); y is as x. It is also known as variational dropout, and is
// Keras's Dropout or SpatialDropout1D with features last; with [Dropout], each time
// step has a mask of its own.
//
// Modes, p and the random stream are as for [Dropout]; the option is a [Schedule].
//
// Sources: Gal, Ghahramani, A Theoretically Grounded Application of Dropout in
// Recurrent Neural Networks, NeurIPS 2016, https://arxiv.org/abs/1512.05287; the name
// is that of Merity, Keskar, Socher, Regularizing and Optimizing LSTM Language Models,
// ICLR 2018, https://arxiv.org/abs/1708.02182.
func LockedDropout(s *graph.Scope, x *graph.Node, p float64, opts ...Option) *graph.Node {
	s = s.Layer("LockedDropout", x)
	if x.Dims() != 3 && s.Err() == nil {
		return s.Errorf("x has shape %v, want (N, T, F)", x.Shape())
	}
	return noise{rate: newRate(s, p, opts), shape: along(x, 0, 2)}.on(s, x)
}
