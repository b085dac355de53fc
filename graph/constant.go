package graph

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Ints declares a constant of type tensor.Int with the given values in
// row-major order: class indices, say, or a table of positions. It has no
// gradient.
func (s *Scope) Ints(shape Shape, values []int) *Node {
	return s.constant(tensor.Int, shape, len(values), func() (*tensor.Dense, error) {
		return denseOver(append([]int(nil), values...), shape), nil
	})
}

// Floats declares a constant of the model's element type with the given values in
// row-major order: a table, say, or a mask to add, whose values may be infinite. It has
// no gradient, and is not saved. NaN is an error, and so is a number that float32 would
// make infinite.
func (s *Scope) Floats(shape Shape, values []float64) *Node {
	return s.constant(s.b.dtype, shape, len(values), func() (*tensor.Dense, error) {
		for i, v := range values {
			if math.IsNaN(v) {
				return nil, errors.Errorf("element %d of a constant is NaN", i)
			}
			if s.b.dtype == tensor.Float32 && !math.IsInf(v, 0) && math.IsInf(float64(float32(v)), 0) {
				return nil, errors.Errorf("element %d of a constant is %v, too large for float32", i, v)
			}
		}
		return convert(denseOver(append([]float64(nil), values...), shape), s.b.dtype)
	})
}

// constant declares what make returns, once it is known to fit the shape.
func (s *Scope) constant(dt tensor.Dtype, shape Shape, values int, make func() (*tensor.Dense, error)) *Node {
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
	if n != values {
		return s.Errorf("got %d values for a constant of shape %v, want %d", values, shape, n)
	}
	value, err := make()
	if err != nil {
		return s.Fail(err)
	}
	// An input that is bound from the start, with a name of its own: Gorgonia
	// merges its own constants by their printed form, which leaves out elements.
	c := newInput(s.b.graph, fmt.Sprintf("(constant %d)", s.b.number()), dt, shape)
	if err := gorgonia.Let(c, fromDense(value)); err != nil {
		return s.Fail(errors.Wrap(err, "binding a constant"))
	}
	return s.b.wrap(c, s.path)
}
