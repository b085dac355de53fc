package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// LSTMClassifier is a stack of LSTMs with dropout after each, for series (N, T, F):
//
//	layer  node                     output (N, ...)  parameters
//	lstm1  LSTM                     100, 64              18,944
//	drop1  Dropout 0.3
//	lstm2  LSTM                     100, 64              33,280
//	       its state at the end     64
//	drop2  Dropout 0.3
//	fc     Linear                   10                      650
//
// The numbers are for series of 100 steps of 8 features and 10 classes: 52,874
// parameters. All series have the T of the shape the model is built for, shorter ones
// being [Padded]. Between layers each step has a mask of its own.
//
// Options: [Hidden], one number a layer, by default 64, 64; [Padded]; [Bidirectional];
// [Dropout], [DropoutRates], [DropWith], whose function gets (N, T, F), and at the end,
// where one step is left, (N, 1, F).
//
// Source: Zaremba, Sutskever, Vinyals, Recurrent Neural Network Regularization, 2014,
// https://arxiv.org/abs/1409.2329, for dropout on what goes from layer to layer, and
// not on what goes from step to step.
func LSTMClassifier(classes int, opts ...LSTMClassifierOption) graph.Func {
	c := configure(config{classes: classes, hidden: []int{64, 64}, drops: places{rates: []float64{0.3}}}, opts)
	return c.lstmClassifier
}

// An LSTMClassifierOption adjusts one [LSTMClassifier].
type LSTMClassifierOption interface {
	option
	lstmClassifier()
}

// Padded says that series end where all further values are pad, which may be NaN; see
// [nodes.SequenceLengths]. Without it all series have the length T.
func Padded(pad float64) LSTMClassifierOption {
	return lstmClassifierOption(func(c *config) { c.padded, c.pad = true, pad })
}

// Bidirectional adds to each layer one that goes from the last step to the first.
func Bidirectional() LSTMClassifierOption {
	return lstmClassifierOption(func(c *config) { c.bidirectional = true })
}

type lstmClassifierOption func(*config)

func (o lstmClassifierOption) set(c *config) { o(c) }
func (lstmClassifierOption) lstmClassifier() {}

func (c *config) lstmClassifier(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkLSTMClassifier(s.Layer("LSTMClassifier", x), x)
	if s.Err() != nil {
		return x
	}
	var opts []nodes.RecurrentOption
	if c.padded {
		opts = append(opts, nodes.Lengths(nodes.SequenceLengths(x, c.pad)))
	}
	if c.bidirectional {
		opts = append(opts, nodes.Bidirectional())
	}
	for i, width := range c.hidden {
		r := nodes.LSTM(s.In(fmt.Sprintf("lstm%d", i+1)), x, width, opts...)
		x = r.Output
		if i == len(c.hidden)-1 {
			x = r.Last()
			x = nodes.Reshape(x, 0, 1, x.Dim(1))
		}
		x = c.drops.at(s.In(fmt.Sprintf("drop%d", i+1)), x, i)
	}
	return nodes.Linear(s.In("fc"), nodes.Flatten(x), c.classes)
}

func (c *config) checkLSTMClassifier(s *graph.Scope, x *graph.Node) {
	c.checkClasses(s)
	if len(c.hidden) == 0 {
		s.Errorf("Hidden has no number, want one for each layer")
	}
	c.checkHidden(s)
	c.drops.check(s, numbered("drop%d", len(c.hidden))...)
	if x.Dims() != 3 {
		s.Errorf("x has shape %v, want (N, T, F)", x.Shape())
	}
}
