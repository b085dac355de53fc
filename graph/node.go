package graph

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A Node is one value of the graph being declared. After a mistake nodes are
// inert: they can be passed on, and all their sizes are 1.
type Node struct {
	b    *builder
	n    *gorgonia.Node // nil when inert
	path string         // of the scope that made it
	op   Op             // that makes it, nil if none of ours does
	in   []*Node        // what op is applied to
	own  bool           // whether that scope has a mode of its own
}

// Shape returns the shape, or nil for an inert node.
func (n *Node) Shape() Shape {
	if n.inert() {
		return nil
	}
	return n.n.Shape()
}

// Dims returns the number of axes; 0 for an inert node.
func (n *Node) Dims() int { return len(n.Shape()) }

// Dim returns the size of axis i, counted from the end if i is negative. It is
// 1 if there is no such axis or the node is inert.
func (n *Node) Dim(i int) int {
	shape := n.Shape()
	if i < 0 {
		i += len(shape)
	}
	if i < 0 || i >= len(shape) {
		return 1
	}
	return shape[i]
}

// Dtype returns the element type; that of the model for an inert node.
func (n *Node) Dtype() tensor.Dtype {
	switch {
	case n == nil:
		return tensor.Float32
	case n.n == nil:
		return n.b.dtype
	}
	return n.n.Dtype()
}

// Gorgonia returns the node of the underlying graph, nil for an inert node.
func (n *Node) Gorgonia() *gorgonia.Node {
	if n == nil {
		return nil
	}
	return n.n
}

// Made returns the op that makes the node and what it is applied to, as declared:
// a program may compute it in another way. There is no op for inputs, parameters,
// stock operations and inert nodes. By Made a node function can tell what comes
// before, and declare one op for several.
func (n *Node) Made() (Op, []*Node) {
	if n.inert() {
		return nil, nil
	}
	return n.op, slices.Clone(n.in)
}

// IsInput reports whether the node is the input of the model.
func (n *Node) IsInput() bool { return !n.inert() && n.op == nil && n.path == inputName }

// InModeOfItsOwn reports whether the scope that made the node had a mode by
// [Scope.InMode], and so the node is the same in programs of all modes.
func (n *Node) InModeOfItsOwn() bool { return !n.inert() && n.own }

// DependsOnInput reports whether the value is computed from the input of the model.
// One that isn't, such as that of a parameter, is the same for all samples of a batch.
func (n *Node) DependsOnInput() bool {
	if n.inert() {
		return false
	}
	seen := map[int64]bool{}
	for next := []*gorgonia.Node{n.n}; len(next) > 0; {
		at := next[len(next)-1]
		next = next[:len(next)-1]
		if at.Op() == nil && at.Name() == inputName {
			return true
		}
		for it := n.b.graph.From(at.ID()); it.Next(); {
			if from := it.Node().(*gorgonia.Node); !seen[from.ID()] {
				seen[from.ID()] = true
				next = append(next, from)
			}
		}
	}
	return false
}

// Path returns the path of the scope that made the node.
func (n *Node) Path() string {
	if n == nil {
		return ""
	}
	return n.path
}

// Layer opens a scope for a node function that has no parameters and takes no
// scope of its own, such as an activation. Its path is the kind in lower case
// and a count, as in relu#1. The function was given the node and perhaps others; one
// that is nil is an error at this scope.
func (n *Node) Layer(kind string, others ...*Node) *Scope {
	in := append([]*Node{n}, others...)
	first := slices.IndexFunc(in, func(x *Node) bool { return x != nil })
	if first < 0 {
		return nowhere().Layer(kind, in...)
	}
	b, low := in[first].b, strings.ToLower(kind)
	b.counts[low]++
	s := &Scope{b: b, path: fmt.Sprintf("%s#%d", low, b.counts[low]), mode: b.mode}
	return s.Layer(kind, in...)
}

func (n *Node) inert() bool { return n == nil || n.n == nil }
