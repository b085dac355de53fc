package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// languageModel predicts the next word of WikiText-2, by an LSTM over pieces of 35
// words. It is trained on the part that is meant for validation, 0.2 million words,
// and validated on the part meant for tests: what is to be seen is the difference
// between the variants, and no perplexity is comparable to published ones.
func languageModel(ctx context.Context, s settings) error {
	const steps, width, half = 35, 128, 0.5
	first, err := readWords(filepath.Join(s.data, "text", "wikitext2_valid.txt"))
	if err != nil {
		return err
	}
	second, err := readWords(filepath.Join(s.data, "text", "wikitext2_test.txt"))
	if err != nil {
		return err
	}
	words := vocabularyOf(first, 5)
	training, err := words.sequences(first, steps)
	if err != nil {
		return err
	}
	validation, err := words.sequences(second, steps)
	if err != nil {
		return err
	}
	fmt.Printf("%d words in the vocabulary, %d pieces of %d to train on\n", len(words), training.Len(), steps)
	net := func(drop graph.Func, opts ...nodes.RecurrentOption) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			x = drop(s.In("drop_in"), nodes.Embedding(s.In("embedding"), x, len(words), width, nodes.WeightInit(graph.Uniform(-0.1, 0.1))))
			x = drop(s.In("drop_out"), nodes.LSTM(s.In("lstm"), x, width, opts...).Output)
			return nodes.Linear(s.In("fc"), x, len(words))
		}
	}
	none := func(_ *graph.Scope, x *graph.Node) *graph.Node { return x }
	plain := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, half) }
	locked := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.LockedDropout(s, x, half) }
	loss := nodes.CrossEntropy()
	epochs := orElse(s.epochs, 8)
	c, err := s.compare(ctx, train.Study{
		Variants: []train.Variant{
			{Name: "none", Model: net(none)},
			{Name: "dropout 0.5", Model: net(plain)},
			{Name: "locked dropout 0.5", Model: net(locked)},
			{Name: "locked 0.5, weight drop 0.5", Model: net(locked, nodes.ParametrizeRecurrent(regularize.DropConnect(half)))},
		},
		Seeds:    seedsTo(orElse(s.seeds, 1)),
		Shape:    graph.Shape{20, steps},
		Training: training,
		Loss: func(y, t *graph.Node) *graph.Node {
			return loss(nodes.Reshape(y, -1, len(words)), nodes.Reshape(t, -1))
		},
		Optimiser: func() *train.Optimizer { return train.Adam(2e-3, train.ClipNorm(0.5)) },
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(epochs), train.Validation(validation)}
		},
	}, epochs, "loss")
	if c == nil {
		return err
	}
	summaries, mistake := c.Summaries("loss")
	if mistake != nil {
		return mistake
	}
	fmt.Println("\nperplexity, the exponential of the loss: training with masks drawn, validation, best validation")
	for _, v := range summaries {
		fmt.Printf("%-28s  %7.1f  %7.1f  %7.1f\n", v.Variant, math.Exp(v.Training.Mean), math.Exp(v.Validation.Mean), math.Exp(v.Best.Mean))
	}
	return err
}
