package main

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// layers declares the layers that a network's work lies in, at a scope, and
// counts that work.
type layers struct {
	s *graph.Scope
	*work
}

// work is the multiply-adds of a forward pass: of all layers, and of the first,
// whose input needs no gradient. Padding counts, normalisation and activations do
// not.
type work struct{ total, first int }

func (w *work) add(macs int) {
	w.total += macs
	if w.first == 0 {
		w.first = macs
	}
}

// training returns the arithmetic of a training step in GFLOP: each layer takes
// its forward pass twice more, for the gradients of its weight and of its input.
func (w *work) training() float64 { return 2e-9 * float64(3*w.total-w.first) }

func (w *work) inference() float64 { return 2e-9 * float64(w.total) }

func (l *layers) in(name string) *layers { return &layers{l.s.In(name), l.work} }

func (l *layers) linear(name string, x *graph.Node, out int) *graph.Node {
	y := nodes.Linear(l.s.In(name), x, out)
	l.add(y.Shape().TotalSize() * x.Dim(-1))
	return y
}

func (l *layers) conv2D(name string, x *graph.Node, out, k int, opts ...nodes.ConvOption) *graph.Node {
	y := nodes.Conv2D(l.s.In(name), x, out, k, opts...)
	l.add(y.Shape().TotalSize() * x.Dim(1) * k * k)
	return y
}

func (l *layers) conv1D(name string, x *graph.Node, out, k int, opts ...nodes.ConvOption) *graph.Node {
	y := nodes.Conv1D(l.s.In(name), x, out, k, opts...)
	l.add(y.Shape().TotalSize() * x.Dim(1) * k)
	return y
}

func (l *layers) lstm(name string, x *graph.Node, hidden int) nodes.Recurrence {
	r := nodes.LSTM(l.s.In(name), x, hidden)
	gates := 4 * r.Output.Shape().TotalSize()
	l.add(gates * x.Dim(-1))
	l.add(gates * hidden)
	return r
}

func (l *layers) dropout(name string, x *graph.Node, p float64) *graph.Node {
	return regularize.Dropout(l.s.In(name), x, p)
}

// build builds the network for a batch and returns it with its work on that
// batch. The default batch stands for 0.
func (n network) build(batch int, opts ...graph.Option) (*graph.Model, work, error) {
	if batch == 0 {
		batch = n.batch
	}
	var first *work // later programs are for the same batch
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		var w work
		y := n.net(&layers{s, &w}, x)
		if first == nil {
			first = &w
		}
		return y
	}, append(graph.Shape{batch}, n.input...), append(opts, graph.Seed(1))...)
	if err != nil {
		return nil, work{}, err
	}
	return m, *first, nil
}
