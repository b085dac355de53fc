package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// AWDLSTM is the word-level language model with weight-dropped LSTMs, for sequences of
// words (N, T), numbers from 0 to words-1. For each of them it predicts the next one:
//
//	layer    node                                output (N, ...)  parameters
//	encoder  Embedding, words dropped 0.1        70, 400           4,000,000
//	drop_in  LockedDropout 0.65
//	rnns.0   LSTM, recurrent weights 0.5         70, 1150          7,139,200
//	drop1    LockedDropout 0.3
//	rnns.1   LSTM, recurrent weights 0.5         70, 1150         10,589,200
//	drop2    LockedDropout 0.3
//	rnns.2   LSTM, recurrent weights 0.5         70, 400           2,483,200
//	drop3    LockedDropout 0.4
//	decoder  Linear, with the encoder's weight   70, 10000            10,000
//	         Transpose                           10000, 70
//
// The numbers are for a vocabulary of 10,000 words: 24,221,600 parameters. The output
// is logits (N, words, T), as nodes.CrossEntropy wants them for a target (N, T). The
// training loss has the activation regularisation of strength 2 and the temporal one of
// strength 1, of the output of the last LSTM; see [regularize.ActivationL2].
//
// Options: [Hidden], one number for each LSTM but the last, which has the width of the
// embedding; [EmbeddingSize]; [WordDropout]; [InputDropout]; [DropoutRates] after the
// LSTMs, [Dropout], [DropWith]; [WeightDrop]; [ActivationPenalties].
//
//	models.AWDLSTM(10000, models.InputDropout(0.4), models.DropoutRates(0.25, 0.25, 0.4))  Penn Treebank
//	models.AWDLSTM(33278, models.DropoutRates(0.2, 0.2, 0.4))                              WikiText-2
//
// These are the settings of the authors' program. It trains at a rate of 30 by SGD,
// later averaged, with gradients clipped to a norm of 0.25, batches of 20 and 80, a
// weight decay of 1.2e-6, and sequences of about 70 words, each of which starts from
// the state that the one before ended with; here each starts from 0.
//
// Source: Merity, Keskar, Socher, Regularizing and Optimizing LSTM Language Models,
// ICLR 2018, https://arxiv.org/abs/1708.02182.
func AWDLSTM(words int, opts ...AWDLSTMOption) graph.Func {
	c := configure(config{
		classes: words, embedding: 400, hidden: []int{1150, 1150},
		wordDropout: 0.1, inputDropout: 0.65, weightDrop: 0.5, activation: 2, temporal: 1,
		drops: places{locked: true},
	}, opts)
	if c.drops.rates == nil {
		c.drops.rates = awdRates(len(c.hidden))
	}
	return c.awdLSTM
}

// awdRates are 0.3 between LSTMs and 0.4 after the last.
func awdRates(hidden int) []float64 {
	var rates []float64
	for range hidden {
		rates = append(rates, 0.3)
	}
	return append(rates, 0.4)
}

// An AWDLSTMOption adjusts one [AWDLSTM].
type AWDLSTMOption interface {
	option
	awdLSTM()
}

// EmbeddingSize sets how many numbers stand for a word.
func EmbeddingSize(n int) AWDLSTMOption {
	return awdLSTMOption(func(c *config) { c.embedding = n })
}

// WordDropout is the probability to drop a word, wherever it occurs in a batch; see
// [regularize.EmbeddingDropout].
func WordDropout(p float64) AWDLSTMOption {
	return awdLSTMOption(func(c *config) { c.wordDropout = p })
}

// WeightDrop is the probability to drop a weight that leads from the state of an LSTM
// to the next step; see [regularize.DropConnect].
func WeightDrop(p float64) AWDLSTMOption {
	return awdLSTMOption(func(c *config) { c.weightDrop = p })
}

// ActivationPenalties sets the strengths of [regularize.ActivationL2] and
// [regularize.TemporalActivationL2]; 0 is none.
func ActivationPenalties(activation, temporal float64) AWDLSTMOption {
	return awdLSTMOption(func(c *config) { c.activation, c.temporal = activation, temporal })
}

type awdLSTMOption func(*config)

func (o awdLSTMOption) set(c *config) { o(c) }
func (awdLSTMOption) awdLSTM()        {}

func (c *config) awdLSTM(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkAWDLSTM(s.Layer("AWDLSTM", x), x)
	if s.Err() != nil {
		return x
	}
	table := s.In("encoder").Param("weight", graph.Shape{c.classes, c.embedding}, graph.Uniform(-0.1, 0.1))
	x = nodes.Embedding(s.In("encoder"), x, c.classes, c.embedding, nodes.SharedWeight(table),
		nodes.Parametrize(regularize.EmbeddingDropout(c.wordDropout)))
	x = regularize.LockedDropout(s.In("drop_in"), x, c.inputDropout)
	var raw *graph.Node
	for i, width := range append(append([]int{}, c.hidden...), c.embedding) {
		raw = nodes.LSTM(s.In("rnns").In(fmt.Sprint(i)), x, width,
			nodes.ParametrizeRecurrent(regularize.DropConnect(c.weightDrop))).Output
		x = c.drops.at(s.In(fmt.Sprintf("drop%d", i+1)), raw, i)
	}
	regularize.ActivationL2(s, x, c.activation)
	regularize.TemporalActivationL2(s, raw, c.temporal)
	x = nodes.Linear(s.In("decoder"), x, c.classes, nodes.SharedWeight(table), zeroBias())
	return nodes.Transpose(x, 0, 2, 1)
}

func (c *config) checkAWDLSTM(s *graph.Scope, x *graph.Node) {
	if c.classes < 1 {
		s.Errorf("words is %d, want at least 1", c.classes)
	}
	if c.embedding < 1 {
		s.Errorf("EmbeddingSize is %d, want at least 1", c.embedding)
	}
	c.checkHidden(s)
	c.drops.check(s, numbered("drop%d", len(c.hidden)+1)...)
	if x.Dims() != 2 {
		s.Errorf("x has shape %v, want words (N, T)", x.Shape())
	}
}
