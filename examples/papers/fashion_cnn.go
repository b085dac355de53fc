package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// cnn has two blocks of convolution, batch norm and ReLU, with drop between each
// and the pooling after it, then a dense layer. Without a pool it is the maximum.
type cnn struct {
	drop func(s *graph.Scope, x *graph.Node) *graph.Node
	pool func(s *graph.Scope, x *graph.Node) *graph.Node
}

func (c cnn) declare(s *graph.Scope, x *graph.Node) *graph.Node {
	for i, channels := range []int{32, 64} {
		block := s.In([]string{"block1", "block2"}[i])
		x = nodes.Conv2D(block.In("conv"), x, channels, 3, nodes.Pad(1), nodes.NoBias())
		x = nodes.ReLU(nodes.BatchNorm2D(block.In("bn"), x))
		if c.drop != nil {
			x = c.drop(block.In("drop"), x)
		}
		if c.pool != nil {
			x = c.pool(block.In("pool"), x)
		} else {
			x = nodes.MaxPool2D(x, 2)
		}
	}
	x = nodes.Linear(s.In("fc1"), nodes.Flatten(x), 128, nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm1D(s.In("bn"), x))
	return nodes.Linear(s.In("fc2"), x, 10)
}

// fashionCNN compares what may be dropped in a convolutional network, on 20,000
// of the training images, with 5,000 others to validate on. The rates are those of
// the papers, or usual ones.
func fashionCNN(ctx context.Context, s settings) error {
	all, err := train.OpenMNIST(filepath.Join(s.data, "fashion-mnist"), true)
	if err != nil {
		return err
	}
	test, err := train.OpenMNIST(filepath.Join(s.data, "fashion-mnist"), false)
	if err != nil {
		return err
	}
	training, rest, err := train.Split(all, 1.0/3, 1)
	if err != nil {
		return err
	}
	validation := train.Head(rest, 5000)
	epochs := orElse(s.epochs, 10)
	steps := epochs * training.Len() / 100
	drop := func(name string, f func(s *graph.Scope, x *graph.Node) *graph.Node) train.Variant {
		return train.Variant{Name: name, Model: cnn{drop: f}.declare}
	}
	study := train.Study{
		Variants: []train.Variant{
			{Name: "none", Model: cnn{}.declare},
			drop("dropout 0.2", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.2) }),
			drop("spatial dropout 0.1", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.SpatialDropout2D(s, x, 0.1) }),
			drop("DropBlock 0.1, size 7", func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.DropBlock2D(s, x, 0.1, 7, regularize.LinearRate(0, steps))
			}),
			drop("FocusedDropout", func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.FocusedDropout(s, x) }),
			{Name: "max-pooling dropout 0.5", Model: cnn{pool: func(s *graph.Scope, x *graph.Node) *graph.Node {
				return regularize.MaxPoolDropout2D(s, x, 0.5, 2)
			}}.declare},
		},
		Seeds:     seedsTo(orElse(s.seeds, 2)),
		Shape:     graph.Shape{100, 1, 28, 28},
		Training:  training,
		Test:      test,
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer { return train.Adam(2e-3) },
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(epochs), train.Validation(validation), train.Metrics(nodes.Accuracy()),
				train.WithSchedule(train.Cosine(train.InEpochs(epochs), 0))}
		},
		CleanTraining: true,
	}
	c, err := s.compare(ctx, study, epochs, "accuracy", "loss")
	if c == nil {
		return err
	}
	if err != nil {
		return err
	}
	return recalibrate(ctx, study, c)
}

// recalibrate shows what of a test error comes from batch norms whose statistics
// are those of training, with dropout before them: the error of the first seed
// with statistics estimated anew, with dropout off.
func recalibrate(ctx context.Context, study train.Study, c *train.Comparison) error {
	fmt.Println("\ntest error % of seed 1 as trained, and with the statistics of batch norm estimated anew")
	for _, r := range c.Runs {
		i := slices.IndexFunc(study.Variants, func(v train.Variant) bool { return v.Name == r.Variant })
		if r.Seed != 1 || r.Weights == "" {
			continue
		}
		m, err := graph.Build(study.Variants[i].Model, study.Shape, graph.Seed(r.Seed))
		if err != nil {
			return err
		}
		if err := export.LoadSafetensors(m, r.Weights); err != nil {
			return err
		}
		if err := train.RecalibrateBatchNorm(ctx, m, study.Training); err != nil {
			return err
		}
		e, err := train.Evaluate(ctx, m, study.Test, study.Loss, nodes.Accuracy())
		if err != nil {
			return err
		}
		before, _ := r.Test.Score("accuracy")
		after, _ := e.Score("accuracy")
		fmt.Printf("%-25s  %.2f  %.2f\n", r.Variant, 100*(1-before), 100*(1-after))
	}
	return nil
}
