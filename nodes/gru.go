package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
)

// GRU is a layer of gated recurrent units over a sequence x (N, T, F). At each step
//
//	r = σ(W_ir·x + b_ir + W_hr·h + b_hr)
//	z = σ(W_iz·x + b_iz + W_hz·h + b_hz)
//	n = tanh(W_in·x + b_in + r·(W_hn·h + b_hn))
//	h = (1-z)·n + z·h
//
// where h on the right is that of the step before, at the start 0. See [Recurrence]
// for what it returns. It is PyTorch's nn.GRU, in which r multiplies the product; in the
// paper it multiplies the h in it.
//
// Parameters, layout and options are as those of [LSTM], with r, z, n stacked in the
// place of its gates.
//
// Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder for
// Statistical Machine Translation, https://arxiv.org/abs/1406.1078.
func GRU(s *graph.Scope, x *graph.Node, hidden int, opts ...RecurrentOption) Recurrence {
	return recurrence(s.Layer("GRU", x), recurrent.GRU, x, hidden, opts)
}
