package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/gorgonia"
)

// Apply declares a node: op applied to in. Mistakes stick to the graph.
func (s *Scope) Apply(op Op, in ...*Node) *Node {
	if op == nil {
		return s.Errorf("the op is nil")
	}
	if s.kind == "" {
		s = s.Layer(kindOf(op))
	}
	if s.b.err != nil {
		return &Node{b: s.b, path: s.path}
	}
	if len(in) == 0 {
		return s.Errorf("no input, want at least one")
	}
	children := make([]*gorgonia.Node, len(in))
	for i, x := range in {
		switch {
		case x == nil:
			return s.Errorf("input %d is nil", i)
		case x.b != s.b && x.b.err != nil: // a node function that got nil
			return s.Fail(x.b.err)
		case x.b != s.b:
			return s.Errorf("input %d (%s) belongs to another graph; declare all nodes of a model inside its function", i, x.path)
		case x.n == nil:
			return &Node{b: s.b, path: s.path}
		}
		children[i] = x.n
	}
	return s.apply(op, in, children)
}

func (s *Scope) apply(op Op, in []*Node, children []*gorgonia.Node) *Node {
	key := applicationKey(op, children)
	if n, ok := s.b.applied[key]; ok {
		return n
	}
	shapes := make([]Shape, len(in))
	for i, c := range children {
		shapes[i] = c.Shape()
	}
	var shape Shape
	if err := guard.Call("InferShape", func() (err error) {
		if shape, err = op.InferShape(shapes...); err != nil {
			return err
		}
		return checkSize(shape)
	}); err != nil {
		return s.Fail(err)
	}
	n, err := gorgonia.ApplyOp(newAdapter(s, op, children, shape), children...)
	if err != nil {
		return s.Fail(errors.Wrap(err, op.String()))
	}
	node := s.b.own(key, n, s)
	node.op, node.in = op, slices.Clone(in) // the slice is the caller's
	return node
}

// applicationKey tells two applications apart exactly. Gorgonia merges nodes by
// 32-bit hashes and does not compare their inputs; so equal applications are
// merged here, and the adapter gives every other one a hash of its own.
func applicationKey(op Op, children []*gorgonia.Node) string {
	var k strings.Builder
	fmt.Fprintf(&k, "%T %v", op, op)
	for _, c := range children {
		fmt.Fprintf(&k, "\x00%d", c.ID())
	}
	return k.String()
}

// kindOf returns the name of an op without its attributes.
func kindOf(op fmt.Stringer) string {
	kind, _, _ := strings.Cut(op.String(), "{")
	return kind
}
