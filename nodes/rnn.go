package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
)

// RNN is a plain recurrent layer, that of Elman, over a sequence x (N, T, F). At each
// step
//
//	h = tanh(W_ih·x + b_ih + W_hh·h + b_hh)
//
// where h on the right is that of the step before, at the start 0; with [ReLURecurrence]
// it is max(·, 0). See [Recurrence] for what it returns.
//
// Parameters, layout and options are as those of [LSTM], without a stack of gates. It
// is PyTorch's nn.RNN.
//
// Source: Elman, Finding Structure in Time, Cognitive Science 14, 1990,
// https://doi.org/10.1207/s15516709cog1402_1.
func RNN(s *graph.Scope, x *graph.Node, hidden int, opts ...RecurrentOption) Recurrence {
	return recurrence(s.Layer("RNN", x), recurrent.Tanh, x, hidden, opts)
}

// ReLURecurrence makes an [RNN] use max(·, 0) in the place of tanh: PyTorch's
// nonlinearity='relu'.
func ReLURecurrence() RecurrentOption {
	return recurrentOption(func(c *recurrentConfig) { c.relu = true })
}
