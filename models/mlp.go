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
// default none.
//
// Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks
// from Overfitting, JMLR 15, 2014, for the kinds of layers and the rates.
func MLP(classes int, opts ...MLPOption) graph.Func {
	c := configure(config{
		classes: classes, hidden: []int{512, 512},
		inputDropout: 0.2, drops: places{rates: []float64{0.5}},
	}, opts)
	return c.mlp
}

// An MLPOption adjusts one [MLP].
type MLPOption interface {
	option
	mlp()
}

func (c *config) mlp(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkMLP(s.Layer("MLP"))
	x = nodes.Flatten(x)
	x = regularize.Dropout(s.In("drop_in"), x, c.inputDropout)
	for i, width := range c.hidden {
		fc := s.In(fmt.Sprintf("fc%d", i+1))
		x = nodes.ReLU(nodes.Linear(fc, x, width))
		x = c.drops.at(s.In(fmt.Sprintf("drop%d", i+1)), x, i)
		if c.bounded {
			regularize.MaxNorm(fc, c.maxNorm)
		}
	}
	return nodes.Linear(s.In(fmt.Sprintf("fc%d", len(c.hidden)+1)), x, c.classes)
}

func (c *config) checkMLP(s *graph.Scope) {
	c.checkClasses(s)
	c.checkHidden(s)
	c.drops.check(s, len(c.hidden))
}
