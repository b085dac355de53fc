package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// unshared returns the gradients, each in memory of its own. Gorgonia's solvers
// scale a gradient in place and set it to 0 after use, but two parameters may
// have one gradient, which may also be an input, a constant or another parameter.
// A gradient that could be any of these, or one of the given values, is copied.
func (b *builder) unshared(grads []*gorgonia.Node, values ...*Node) []*gorgonia.Node {
	taken := map[*gorgonia.Node]bool{}
	for _, v := range values {
		taken[v.n] = true
	}
	for i, g := range grads {
		if g == nil {
			continue
		}
		if fresh(g) && !taken[g] {
			taken[g] = true
			continue
		}
		s := &Scope{b: b, path: b.store.order[i].Name, mode: b.mode}
		grads[i] = s.Apply(gradientOf{i}, b.wrap(g, s.path)).n
	}
	return grads
}

// fresh tells whether the op of n writes its value to memory of its own.
func fresh(n *gorgonia.Node) bool {
	a, own := n.Op().(*adapter)
	if !own {
		return false
	}
	_, view := a.op.(Viewer)
	return !view
}

// gradientOf is the identity, a copy for the parameter at a position. Of a sum it
// takes over the terms.
type gradientOf struct{ parameter int }

func (op gradientOf) String() string                     { return fmt.Sprintf("Gradient{%d}", op.parameter) }
func (gradientOf) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }
func (gradientOf) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	if len(in) > 1 {
		return sum{}.Forward(y, in...)
	}
	copyInto(y, in[0])
	return nil
}

// Absorb implements [Absorber].
func (op gradientOf) Absorb(_ int, by Op) (Op, bool) {
	_, ok := by.(sum)
	return op, ok
}
