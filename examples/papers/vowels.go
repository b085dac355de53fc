package main

import (
	"context"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// vowels tells nine speakers of JapaneseVowels apart by the state of two layers of
// LSTM at the end of an utterance, of 7 to 29 steps. All variants drop half, each
// somewhere else.
func vowels(ctx context.Context, s settings) error {
	const longest, half = 29, 0.5
	training, err := train.OpenTS(filepath.Join(s.data, "timeseries", "JapaneseVowels_TRAIN.ts"), train.PadTo(longest))
	if err != nil {
		return err
	}
	test, err := train.OpenTS(filepath.Join(s.data, "timeseries", "JapaneseVowels_TEST.ts"), train.PadTo(longest))
	if err != nil {
		return err
	}
	net := func(opts ...nodes.RecurrentOption) graph.Func {
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			opts := append([]nodes.RecurrentOption{nodes.Layers(2), nodes.Lengths(nodes.SequenceLengths(x, 0))}, opts...)
			return nodes.Linear(s.In("fc"), nodes.LSTM(s.In("lstm"), x, 64, opts...).Last(), 9)
		}
	}
	drop := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, half) }
	locked := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.LockedDropout(s, x, half) }
	epochs := orElse(s.epochs, 60)
	_, err = s.compare(ctx, train.Study{
		Variants: []train.Variant{
			{Name: "none", Model: net()},
			{Name: "between the layers, anew each step", Model: net(nodes.Between(drop))},
			{Name: "between the layers, locked", Model: net(nodes.Between(locked))},
			{Name: "recurrent state", Model: net(nodes.RecurrentFactors(drop))},
			{Name: "recurrent weights", Model: net(nodes.ParametrizeRecurrent(regularize.DropConnect(half)))},
		},
		Seeds:     seedsTo(orElse(s.seeds, 3)),
		Shape:     graph.Shape{30, longest, 12},
		Training:  training,
		Test:      test,
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer { return train.Adam(3e-3, train.ClipNorm(1)) },
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(epochs), train.Metrics(nodes.Accuracy()),
				train.WithSchedule(train.Cosine(train.InEpochs(epochs), 0))}
		},
		CleanTraining: true,
	}, epochs, "accuracy", "loss")
	return err
}
