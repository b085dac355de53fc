package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// DropConnect returns a function for [nodes.Parametrize] that drops single weights:
// the layer uses
//
//	w' = k · w,   k = 0 with probability p, else 1/(1-p)
//
// in the place of its weight w, with a factor for each element, and dw = k · dw'. The
// mean of w' is w. Biases stay. In [graph.Eval] mode w' is w itself.
//
//	nodes.Linear(s.In("fc1"), x, 800, nodes.Parametrize(regularize.DropConnect(0.5)))
//
// One mask serves a whole step: all samples of the batch, all positions of a
// convolution and all time steps of a recurrence share it. The paper draws one for
// each sample, as [DropConnectLinear] does; this is what is affordable for any layer,
// and what most libraries mean.
//
// On a convolution it drops single elements of the kernels; [DropFilter] drops whole
// ones. On the hidden-to-hidden weights of a recurrent layer, where
// [nodes.ParametrizeRecurrent] takes it, it is the weight drop of AWD-LSTM, whose p is
// 0.5.
//
// p, modes and the random stream are as for [Dropout]; the stream is that of the
// weight, such as fc1.weight. Options: [Classic], the paper's form, for which weights
// are not scaled in training and evaluation uses (1-p)·w; a [Schedule].
//
// Sources: Wan, Zeiler, Zhang, LeCun, Fergus, Regularization of Neural Networks using
// DropConnect, ICML 2013, https://proceedings.mlr.press/v28/wan13.html; Merity,
// Keskar, Socher, Regularizing and Optimizing LSTM Language Models, 2017,
// https://arxiv.org/abs/1708.02182. Several codes of EfficientNet call stochastic
// depth by this name, which is another method.
func DropConnect(p float64, opts ...DropConnectOption) graph.Func {
	return onWeight("DropConnect", p, opts, (*graph.Node).Shape)
}

// A DropConnectOption adjusts one [DropConnect], [DropFilter] or [EmbeddingDropout].
type DropConnectOption interface{ dropConnect(*weightConfig) }

// weightConfig holds the options of what drops weights.
type weightConfig struct {
	rate  rate
	scale scaling
}

// onWeight returns the function that drops from a weight, with draws over shape(w).
func onWeight(kind string, p float64, opts []DropConnectOption, shape func(w *graph.Node) graph.Shape) graph.Func {
	return func(s *graph.Scope, w *graph.Node) *graph.Node {
		s = s.Layer(kind, w)
		c := weightConfig{rate: rate{p: p}}
		for _, opt := range guard.Given(opts) {
			opt.dropConnect(&c)
		}
		c.rate.check(s)
		if w.Dims() < 2 && s.Err() == nil {
			return s.Errorf("the weight has shape %v, want two axes or more", w.Shape())
		}
		d := noise{rate: c.rate, scale: c.scale}
		if s.Err() == nil {
			d.shape = shape(w)
		}
		return d.on(s, w)
	}
}
