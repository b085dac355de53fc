package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// MLP is a multi-layer perceptron with dropout, for inputs of any shape (N, ...):
//
//	layer  node           output (N, ...)  parameters
//	       Flatten        784
//	       Dropout 0.2
//	fc1    Linear, ReLU   512              401,920
//	       Dropout 0.5
//	fc2    Linear, ReLU   512              262,656
//	       Dropout 0.5
//	fc3    Linear         10                 5,130
//
// The numbers are for images of 1 by 28 by 28, 10 classes and no options:
// 669,706 parameters. With dropout each step trains half of a layer, so it is
// wider than it would have to be without.
//
// Options: [Hidden], by default 512, 512; [Dropout], [DropoutRates] for the hidden
// layers, [DropWith], by default 0.5; [InputDropout], by default 0.2; [MaxNorm], by
// default none; [Units], by default nodes.ReLU; [WeightInit], by default PyTorch's.
//
// The networks of the paper for MNIST, all with dropout as it is by default:
//
//	models.MLP(10, models.Hidden(1024, 1024, 1024), models.Units(nodes.Sigmoid))    logistic units
//	models.MLP(10, models.Hidden(1024, 1024, 1024))                                 ReLU
//	models.MLP(10, models.Hidden(1024, 1024, 1024), models.MaxNorm(2))              also of 2048
//	models.MLP(10, models.Hidden(4096, 4096), models.MaxNorm(2))                    also of 8192
//	models.MLP(10, models.Hidden(800, 800), models.InputDropout(0), models.Dropout(0), models.Units(nodes.Sigmoid))
//
// The last is the network without dropout that they are compared with, from Simard,
// Steinkraus, Platt, Best Practices for Convolutional Neural Networks, ICDAR 2003.
//
// Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from
// Overfitting, JMLR 15, 2014, https://jmlr.org/papers/v15/srivastava14a.html.
func MLP(classes int, opts ...MLPOption) graph.Func {
	c := configure(config{
		classes: classes, hidden: []int{512, 512},
		inputDropout: 0.2, drops: places{rates: []float64{0.5}}, units: nodes.ReLU,
	}, opts)
	return c.mlp
}

// An MLPOption adjusts one [MLP].
type MLPOption interface {
	option
	mlp()
}

// Units sets what the hidden units compute of their sums: nodes.Sigmoid makes logistic
// ones.
func Units(f func(x *graph.Node) *graph.Node) MLPOption {
	return mlpOption(func(c *config) { c.units = f })
}

// WeightInit sets how weights are drawn; biases then start at 0.
func WeightInit(init graph.Init) MLPOption {
	return mlpOption(func(c *config) { c.init = []nodes.LinearOption{nodes.WeightInit(init), zeroBias()} })
}

type mlpOption func(*config)

func (o mlpOption) set(c *config) { o(c) }
func (mlpOption) mlp()            {}

func (c *config) mlp(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkMLP(s.Layer("MLP", x))
	if s.Err() != nil {
		return x
	}
	x = nodes.Flatten(x)
	x = regularize.Dropout(s.In("drop_in"), x, c.inputDropout)
	for i, width := range c.hidden {
		fc := s.In(fmt.Sprintf("fc%d", i+1))
		x = c.units(nodes.Linear(fc, x, width, c.init...))
		x = c.drops.at(s.In(fmt.Sprintf("drop%d", i+1)), x, i)
		if c.bounded {
			regularize.MaxNorm(fc, c.maxNorm)
		}
	}
	return nodes.Linear(s.In(fmt.Sprintf("fc%d", len(c.hidden)+1)), x, c.classes, c.init...)
}

func (c *config) checkMLP(s *graph.Scope) {
	c.checkClasses(s)
	c.checkHidden(s)
	c.drops.check(s, numbered("drop%d", len(c.hidden))...)
	if c.units == nil {
		s.Errorf("the function of Units is nil")
	}
}
