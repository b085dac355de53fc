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
// Options: [Hidden], [Dropout], by default 0.5; [InputDropout], by default 0.2;
// [MaxNorm], by default none.
//
// Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks
// from Overfitting, JMLR 15, 2014, for the kinds of layers and the rates.
func MLP(classes int, opts ...MLPOption) graph.Func {
	m := &mlp{classes: classes, hidden: []int{512, 512}, inputDropout: 0.2, dropout: 0.5}
	for _, opt := range opts {
		opt.mlp(m)
	}
	return m.declare
}

type mlp struct {
	classes               int
	hidden                []int
	inputDropout, dropout float64
	bounded               bool
	maxNorm               float64
}

func (m *mlp) declare(s *graph.Scope, x *graph.Node) *graph.Node {
	m.check(s.Layer("MLP"))
	x = nodes.Flatten(x)
	x = regularize.Dropout(s.In("drop_in"), x, m.inputDropout)
	for i, width := range m.hidden {
		fc := s.In(fmt.Sprintf("fc%d", i+1))
		x = nodes.ReLU(nodes.Linear(fc, x, width))
		x = regularize.Dropout(s.In(fmt.Sprintf("drop%d", i+1)), x, m.dropout)
		if m.bounded {
			regularize.MaxNorm(fc, m.maxNorm)
		}
	}
	return nodes.Linear(s.In(fmt.Sprintf("fc%d", len(m.hidden)+1)), x, m.classes)
}

func (m *mlp) check(s *graph.Scope) {
	checkClasses(s, m.classes)
	for i, width := range m.hidden {
		if width < 1 {
			s.Errorf("the width of hidden layer %d is %d, want at least 1", i+1, width)
		}
	}
}

// Hidden sets the widths of the hidden layers of an [MLP], one number a layer.
// With none, the model is linear. The default is 512, 512.
func Hidden(widths ...int) MLPOption { return hidden(widths) }

type hidden []int

func (h hidden) mlp(m *mlp) { m.hidden = h }

// InputDropout is the probability to drop a value of the input, from 0, which is
// none, to 1.
type InputDropout float64

func (p InputDropout) mlp(m *mlp) { m.inputDropout = float64(p) }

// MaxNorm bounds the length of the incoming weight vector of each hidden unit;
// see [regularize.MaxNorm]. It must be above 0.
type MaxNorm float64

func (c MaxNorm) mlp(m *mlp) { m.bounded, m.maxNorm = true, float64(c) }
