package graph

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Ints declares a constant of type tensor.Int with the given values in
// row-major order: class indices, say, or a table of positions. It has no
// gradient.
func (s *Scope) Ints(shape Shape, values []int) *Node {
	if s.b.err != nil {
		return &Node{b: s.b, path: s.path}
	}
	n := 1
	for i, d := range shape {
		if d <= 0 {
			return s.Errorf("a constant has shape %v; axis %d must be positive", shape, i)
		}
		n *= d
	}
	if n != len(values) {
		return s.Errorf("got %d values for a constant of shape %v, want %d", len(values), shape, n)
	}
	// An input that is bound from the start, with a name of its own: Gorgonia
	// merges its own constants by their printed form, which leaves out elements.
	c := newInput(s.b.graph, fmt.Sprintf("(constant %d)", s.b.number()), tensor.Int, shape)
	if err := gorgonia.Let(c, fromDense(denseOver(append([]int(nil), values...), shape))); err != nil {
		return s.Fail(errors.Wrap(err, "binding a constant"))
	}
	return s.b.wrap(c, s.path)
}
