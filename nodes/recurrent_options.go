package nodes

import (
	"fmt"
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
)

// A RecurrentOption adjusts one [LSTM], [GRU] or [RNN].
type RecurrentOption interface{ recurrent(*recurrentConfig) }

type recurrentConfig struct {
	affine
	layers           int
	relu             bool
	bidirectional    bool
	lengths          *graph.Node
	states           []*graph.Node // h and perhaps c
	between          graph.Func
	parametrizeState []graph.Func
	factors          graph.Func

	givenLengths, givenState, givenBetween, givenFactors bool
}

func (c *recurrentConfig) directions() int {
	if c.bidirectional {
		return 2
	}
	return 1
}

type recurrentOption func(*recurrentConfig)

func (f recurrentOption) recurrent(c *recurrentConfig) { f(c) }

func (noBias) recurrent(c *recurrentConfig)       { c.noBias = true }
func (w weightInit) recurrent(c *recurrentConfig) { c.weight = w.init }
func (b biasInit) recurrent(c *recurrentConfig)   { c.bias = b.init }
func (p parametrize) recurrent(c *recurrentConfig) {
	c.parametrize = append(c.parametrize, p.f)
}

// Layers stacks n layers, each of which takes the output of the one before.
func Layers(n int) RecurrentOption { return recurrentOption(func(c *recurrentConfig) { c.layers = n }) }

// Bidirectional adds to each layer one that goes from the last step to the first.
// The output is that of both, one after the other along the last axis.
func Bidirectional() RecurrentOption {
	return recurrentOption(func(c *recurrentConfig) { c.bidirectional = true })
}

// Lengths gives the number of steps of each sample, (N), as whole numbers from 0 to T
// of type float32, float64, int, int32 or int64. What x holds beyond them is not looked at, may be NaN, and gets
// a gradient of 0. The output is 0 there, the state at the end is that at the length,
// and the reverse direction starts at the length: as PyTorch's packed sequences.
func Lengths(n *graph.Node) RecurrentOption {
	return recurrentOption(func(c *recurrentConfig) { c.lengths, c.givenLengths = n, true })
}

// InitialState gives the states at the start, of shape (N, L·D, H) like those of a
// [Recurrence]: h, and for an LSTM c. Without it they are 0.
func InitialState(states ...*graph.Node) RecurrentOption {
	return recurrentOption(func(c *recurrentConfig) { c.states, c.givenState = states, true })
}

// Between applies f to the output of each layer but the last, (N, T, D·H): dropout
// between layers, as PyTorch's argument dropout. f gets the scope between_l0 after
// the first layer, and so on.
//
//	nodes.LSTM(s.In("lstm"), x, 256, nodes.Layers(2), nodes.Between(func(s *graph.Scope, x *graph.Node) *graph.Node {
//		return regularize.Dropout(s, x, 0.5)
//	}))
func Between(f graph.Func) RecurrentOption {
	return recurrentOption(func(c *recurrentConfig) { c.between, c.givenBetween = f, true })
}

// ParametrizeRecurrent is [Parametrize] for the weights of the state, weight_hh_l0
// and so on, where Parametrize is for those of the input: the weight drop of an
// AWD-LSTM is
//
//	nodes.ParametrizeRecurrent(regularize.DropConnect(0.5))
func ParametrizeRecurrent(f graph.Func) RecurrentOption {
	return recurrentOption(func(c *recurrentConfig) { c.parametrizeState = append(c.parametrizeState, f) })
}

// RecurrentFactors multiplies the state h, on its way into the gates alone, by
// factors that are the same at all steps. f makes them of ones (N, H), at the scope
// recurrent_l0 for the first layer, recurrent_l0_reverse for its reverse direction,
// and so on, of the same shape and type; they get no gradient. The cell state c, and the h that a GRU
// passes on, are not multiplied.
func RecurrentFactors(f graph.Func) RecurrentOption {
	return recurrentOption(func(c *recurrentConfig) { c.factors, c.givenFactors = f, true })
}

// text is what a summary says of the layers.
func (c *recurrentConfig) text() string {
	var text []string
	if c.layers > 1 {
		text = append(text, fmt.Sprintf("layers=%d", c.layers))
	}
	if c.bidirectional {
		text = append(text, "bidirectional")
	}
	return strings.Join(text, ", ")
}

// check reports the first mistake at s.
func (c *recurrentConfig) check(s *graph.Scope, kind recurrent.Cell, x *graph.Node, hidden int) {
	const most = 1 << 40 // as many elements as a parameter may have
	switch wantModelType(s, "x", x); {
	case s.Err() != nil:
	case x.Dims() != 3:
		s.Errorf("x has shape %v, want (N, T, F)", x.Shape())
	case hidden < 1 || hidden > most:
		s.Errorf("hidden is %d, want at least 1 and at most 2⁴⁰", hidden)
	case c.layers < 1:
		s.Errorf("Layers is %d, want at least 1", c.layers)
	case c.relu && kind != recurrent.ReLU:
		s.Errorf("ReLURecurrence is given, which is for RNN alone")
	case c.givenBetween && c.between == nil:
		s.Errorf("the function of Between is nil")
	case c.givenBetween && c.layers == 1:
		s.Errorf("Between is given for one layer, which has nothing between; want Layers of 2 or more, or the function applied to the output")
	case c.givenFactors && c.factors == nil:
		s.Errorf("the function of RecurrentFactors is nil")
	case c.givenState:
		c.checkStates(s, kind, graph.Shape{x.Dim(0), c.layers * c.directions(), hidden})
	}
}

func (c *recurrentConfig) checkStates(s *graph.Scope, kind recurrent.Cell, shape graph.Shape) {
	names := []string{"h"}
	if kind == recurrent.LSTM {
		names = []string{"h", "c"}
	}
	if len(c.states) != len(names) {
		s.Errorf("InitialState has %d states, want %d: %s", len(c.states), len(names), strings.Join(names, " and "))
		return
	}
	for i, state := range c.states {
		switch {
		case state == nil:
			s.Errorf("%s of InitialState is nil, want a node of shape %v", names[i], shape)
		case s.Err() == nil && (!state.Shape().Eq(shape) || state.Dtype() != s.Dtype()):
			s.Errorf("InitialState has %s of shape %v of %v, want %v of %v", names[i], state.Shape(), state.Dtype(), shape, s.Dtype())
		}
	}
}
