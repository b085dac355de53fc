package regularize

import "github.com/thinnet/thinnet/graph"

// EmbeddingDropout returns a function for [nodes.Parametrize] that drops words: of the
// matrix w (words, features) of an embedding the layer uses
//
//	w'[v, ...] = k[v] · w[v, ...],   k = 0 with probability p, else 1/(1-p)
//
// so that every occurrence of a dropped word in the batch is 0, which dropout of the
// embedded sequence doesn't do. AWD-LSTM has p = 0.1. All else is as for [DropConnect].
//
//	nodes.Embedding(s.In("encoder"), x, words, 400, nodes.Parametrize(regularize.EmbeddingDropout(0.1)))
//
// Sources: Gal, Ghahramani, A Theoretically Grounded Application of Dropout in
// Recurrent Neural Networks, NIPS 2016, https://arxiv.org/abs/1512.05287; Merity,
// Keskar, Socher, Regularizing and Optimizing LSTM Language Models, 2017,
// https://arxiv.org/abs/1708.02182.
func EmbeddingDropout(p float64, opts ...DropConnectOption) graph.Func {
	return onWeight("EmbeddingDropout", p, opts, firstAxis)
}
