package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// Lift brings stock operations of Gorgonia into a model: f gets the nodes under
// in and returns the node over its result.
//
//	y := graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
//		return gorgonia.Tanh(in[0])
//	}, x)
//
// A constant made inside f should have a value that prints differently from
// those of others of its kind: Gorgonia merges constants by their printed form.
func Lift(f func(in ...*gorgonia.Node) (*gorgonia.Node, error), in ...*Node) *Node {
	if len(in) == 0 {
		return nil
	}
	s := in[0].Layer("Lift")
	if s.b.err != nil {
		return &Node{b: s.b, path: s.path}
	}
	nodes := make([]*gorgonia.Node, len(in))
	for i, x := range in {
		if x == nil || x.b != s.b {
			return s.Errorf("input %d is nil or belongs to another graph", i)
		}
		if x.n == nil {
			return x
		}
		nodes[i] = x.n
	}
	n, err := lifted(f, nodes)
	if err != nil {
		return s.Fail(err)
	}
	y := s.b.wrap(n, s.path)
	s.b.order = append(s.b.order, declared{y, s.kind})
	return y
}

// lifted calls f; Gorgonia reports some mistakes by a panic.
func lifted(f func(in ...*gorgonia.Node) (*gorgonia.Node, error), in []*gorgonia.Node) (n *gorgonia.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.Errorf("panic: %v", r)
		}
	}()
	n, err = f(in...)
	switch {
	case err != nil:
		return nil, errors.Wrap(err, "stock operation")
	case n == nil:
		return nil, errors.New("the function returned nil, want a node")
	}
	return n, nil
}

// Embed returns a scope that declares nodes in a graph of Gorgonia's, so that a
// Gorgonia program can use them beside its own and run them on any machine.
// Parameters get their values at once, and [Scope.Assign] has no effect. Check
// [Scope.Err] before running the graph.
func Embed(g *gorgonia.ExprGraph, mode Mode, opts ...Option) *Scope {
	m := &Model{dtype: gorgonia.Float32}
	for _, opt := range opts {
		opt(m)
	}
	b := newBuilder(newStore(), mode, m.dtype)
	b.graph, b.seed = g, m.seed
	return &Scope{b: b}
}

// Wrap returns the node over one of Gorgonia's, which belongs to the graph
// being declared.
func (s *Scope) Wrap(n *gorgonia.Node) *Node {
	if n == nil || n.Graph() != s.b.graph {
		return s.Errorf("Wrap: the node is nil or belongs to another graph")
	}
	return s.b.wrap(n, s.path)
}
