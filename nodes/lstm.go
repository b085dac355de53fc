package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
)

// LSTM is a long short-term memory over a sequence x (N, T, F). At each step
//
//	i = σ(W_ii·x + b_ii + W_hi·h + b_hi)        c = f·c + i·g
//	f = σ(W_if·x + b_if + W_hf·h + b_hf)        h = o·tanh(c)
//	g = tanh(W_ig·x + b_ig + W_hg·h + b_hg)
//	o = σ(W_io·x + b_io + W_ho·h + b_ho)
//
// where h and c on the right are those of the step before, at the start 0. See
// [Recurrence] for what it returns.
//
// Parameters, named and stacked as PyTorch does, with i, f, g, o one below the other:
// weight_ih_l0 (4H, F), weight_hh_l0 (4H, H), bias_ih_l0 and bias_hh_l0 (4H); l1 and
// so on for further layers, whose F is D·H, and _reverse after that for the reverse
// direction. All are drawn from U(-1/√H, 1/√H), that of the forget gate included.
//
// It is PyTorch's nn.LSTM without proj_size. The layout is batch first, always;
// PyTorch's is time first unless batch_first is set, and that of its final states even
// then.
//
// Options: [Layers], [Bidirectional], [Lengths], [InitialState], [Between],
// [RecurrentFactors], [ParametrizeRecurrent], [Parametrize], [NoBias], [WeightInit],
// [BiasInit].
//
// Source: Hochreiter, Schmidhuber, Long Short-Term Memory, Neural Computation 9,
// 1997, https://doi.org/10.1162/neco.1997.9.8.1735.
func LSTM(s *graph.Scope, x *graph.Node, hidden int, opts ...RecurrentOption) Recurrence {
	return recurrence(s.Layer("LSTM", x), recurrent.LSTM, x, hidden, opts)
}
