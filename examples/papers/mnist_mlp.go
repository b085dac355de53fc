package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

// perceptron is a network of ReLU layers, with weights drawn as by He et al. and
// biases of 0. A rate of 0 is none, and so is a bound of 0.
type perceptron struct {
	hidden        []int
	input, within float64 // dropout
	bound         float64 // on the weights into each unit
}

func (p perceptron) declare(s *graph.Scope, x *graph.Node) *graph.Node {
	he := nodes.WeightInit(graph.KaimingNormal(graph.GainReLU))
	zero := nodes.BiasInit(graph.Zeros())
	if p.bound > 0 {
		regularize.MaxNorm(s, p.bound)
	}
	x = regularize.Dropout(s.In("drop_in"), nodes.Flatten(x), p.input)
	for i, width := range p.hidden {
		x = nodes.ReLU(nodes.Linear(s.In(fmt.Sprintf("fc%d", i+1)), x, width, he, zero))
		x = regularize.Dropout(s.In(fmt.Sprintf("drop%d", i+1)), x, p.within)
	}
	return nodes.Linear(s.In("out"), x, 10, he, zero)
}

// mnistMLP is the permutation-invariant MNIST of Hinton et al. 2012 and of
// Srivastava et al. 2014, with two layers of 800: all 60,000 training images, no
// validation, nothing to choose.
func mnistMLP(ctx context.Context, s settings) error {
	two := []int{800, 800}
	return s.mnist(ctx, orElse(s.epochs, 60), orElse(s.seeds, 3),
		train.Variant{Name: "none", Model: perceptron{hidden: two}.declare},
		train.Variant{Name: "hidden 0.5", Model: perceptron{hidden: two, within: 0.5}.declare},
		train.Variant{Name: "input 0.2, hidden 0.5", Model: perceptron{hidden: two, input: 0.2, within: 0.5}.declare},
		train.Variant{Name: "the same, max-norm 2", Model: perceptron{hidden: two, input: 0.2, within: 0.5, bound: 2}.declare},
	)
}

// mnist3x1024 is the network of 1.06 % in table 2 of Srivastava et al. 2014. They
// trained it with about a million updates, which is 1,667 epochs; the default is
// what two hours allow.
func mnist3x1024(ctx context.Context, s settings) error {
	p := perceptron{hidden: []int{1024, 1024, 1024}, input: 0.2, within: 0.5, bound: 2}
	return s.mnist(ctx, orElse(s.epochs, 600), orElse(s.seeds, 1),
		train.Variant{Name: "input 0.2, hidden 0.5, max-norm 2", Model: p.declare})
}

func (s settings) mnist(ctx context.Context, epochs, seeds int, variants ...train.Variant) error {
	training, err := train.OpenMNIST(filepath.Join(s.data, "mnist"), true)
	if err != nil {
		return err
	}
	test, err := train.OpenMNIST(filepath.Join(s.data, "mnist"), false)
	if err != nil {
		return err
	}
	_, err = s.compare(ctx, train.Study{
		Variants:  variants,
		Seeds:     seedsTo(seeds),
		Shape:     graph.Shape{100, 1, 28, 28},
		Training:  training,
		Test:      test,
		Loss:      nodes.CrossEntropy(),
		Optimiser: func() *train.Optimizer { return train.SGD(0.02, train.Momentum(0.95)) },
		Options: func() []train.FitOption {
			return []train.FitOption{train.Epochs(epochs), train.Metrics(nodes.Accuracy()),
				train.WithSchedule(train.LinearDecay(train.InEpochs(epochs)))}
		},
	}, epochs, "accuracy", "loss")
	return err
}
