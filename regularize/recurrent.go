package regularize

import "github.com/thinnet/thinnet/graph"

// RecurrentDropout returns a function for [nodes.RecurrentFactors] that drops parts of
// the state of a recurrent layer: what enters the gates at every step is
//
//	h'[n,j] = k[n,j] · h[n,j],   k = 0 with probability p, else 1/(1-p)
//
// in the place of h, with one mask for all steps and all gates. It is the
// recurrent_dropout of Keras. The cell state c is not dropped, and a GRU passes on the
// whole h. In [graph.Eval] mode h' is h itself.
//
// Variational dropout is this on the state with [LockedDropout] on what goes in and
// comes out:
//
//	x = regularize.LockedDropout(s.In("in"), x, 0.25)
//	r := nodes.LSTM(s.In("lstm"), x, 256, nodes.RecurrentFactors(regularize.RecurrentDropout(0.25)))
//	y := regularize.LockedDropout(s.In("out"), r.Output, 0.25)
//
// and the weight drop of an AWD-LSTM is [DropConnect] for [nodes.ParametrizeRecurrent].
//
// p, modes and the random stream are as for [Dropout]; the stream is that of the layer
// and direction, such as lstm.recurrent_l0. The option is a [Schedule].
//
// Source: Gal, Ghahramani, A Theoretically Grounded Application of Dropout in Recurrent
// Neural Networks, NeurIPS 2016, https://arxiv.org/abs/1512.05287.
func RecurrentDropout(p float64, opts ...Option) graph.Func {
	return func(s *graph.Scope, ones *graph.Node) *graph.Node {
		s = s.Layer("RecurrentDropout", ones)
		return noise{rate: newRate(s, p, opts), shape: ones.Shape()}.on(s, ones)
	}
}
