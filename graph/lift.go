package graph

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
)

// Lift brings stock operations of Gorgonia into a model: f gets the nodes under
// in and returns the node over its result.
//
//	y := graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
//		return gorgonia.Tanh(in[0])
//	}, x)
//
// A leaf made inside f would be a new one in every program and never learn, so
// it is an error: declare a weight with [Scope.Param] and pass it in. A constant
// made inside f should have a value that prints differently from those of others
// of its kind: Gorgonia merges constants by their printed form.
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
	all := s.b.graph.AllNodes()
	last := all[len(all)-1].ID()
	var n *gorgonia.Node
	err := guard.Call("the function", func() (err error) {
		n, err = f(nodes...)
		return errors.Wrap(err, "stock operation")
	})
	switch {
	case err != nil:
		return s.Fail(err)
	case n == nil || n.Graph() != s.b.graph:
		return s.Errorf("the function returned nil or a node of another graph, want one made of its arguments")
	}
	for _, made := range s.b.graph.AllNodes() {
		if made.Op() == nil && made.ID() > last {
			return s.Errorf("the function made the leaf %q; only constants may be made in it: declare weights with Scope.Param and pass them in", made.Name())
		}
	}
	y := s.b.wrap(n, s.path)
	s.b.order = append(s.b.order, declared{y, s.kind, s.text})
	return y
}

// Embed returns a scope that declares nodes in a graph of Gorgonia's, so that a
// Gorgonia program can use them beside its own and run them on any machine.
// Parameters get their values at once, and [Scope.Assign] has no effect. Check
// [Scope.Err] before running the graph.
//
// A Gorgonia program has no step that masks are drawn from: until it binds one, each run
// is of step 0, with the same masks. Bind another before each run, a tensor of one int:
//
//	err := gorgonia.Let(s.Step().Gorgonia(), tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{step})))
func Embed(g *gorgonia.ExprGraph, mode Mode, opts ...Option) *Scope {
	m := &Model{dtype: gorgonia.Float32}
	guard.Apply(m, opts)
	b := newBuilder(newStore(), mode, m.dtype)
	b.seed, b.direct = m.seed, m.direct
	s := &Scope{b: b, mode: b.mode}
	if g == nil {
		s.Errorf("Embed: the graph is nil")
	} else {
		b.graph = g
	}
	return s
}

// Wrap returns the node over one of Gorgonia's, which belongs to the graph
// being declared.
func (s *Scope) Wrap(n *gorgonia.Node) *Node {
	if n == nil || n.Graph() != s.b.graph {
		return s.Errorf("Wrap: the node is nil or belongs to another graph")
	}
	return s.b.wrap(n, s.path)
}
