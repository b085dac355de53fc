package nodes

import "github.com/thinnet/thinnet/graph"

// Backward implements [graph.Differentiable], for an op as it is declared: with no
// transpose, or with one of the matrices of a or b. da = dy·bᵀ and db = aᵀ·dy; of a
// transposed operand it is the transposes of those.
func (op matMul) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("MatMulGrad")
	a, b, swapped := in[0], in[1], swappedLast(y.Dims())
	other := func(axes []int) []int {
		if axes == nil {
			return swapped
		}
		return nil
	}
	grads := make([]*graph.Node, 2)
	if op.a == nil {
		grads[0] = s.Apply(matMul{b: other(op.b)}, dy, b)
	} else {
		grads[0] = s.Apply(matMul{a: op.b, b: swapped}, b, dy)
	}
	if op.b == nil {
		grads[1] = s.Apply(matMul{a: other(op.a)}, a, dy)
	} else {
		grads[1] = s.Apply(matMul{a: swapped, b: op.a}, dy, a)
	}
	return grads
}

// Absorb implements [graph.Absorber]: an operand that is transposed.
func (op matMul) Absorb(i int, by graph.Op) (graph.Op, bool) {
	t, ok := by.(transpose)
	if !ok {
		return nil, false
	}
	operand := &op.a
	if i == 1 {
		operand = &op.b
	}
	*operand = composed(t.axes, *operand)
	last := len(t.axes) - 1
	return op, last > 0 && ((*operand)[last] == last || (*operand)[last-1] == last)
}

// Absorb implements [graph.Absorber]: a product that is transposed.
func (op transpose) Absorb(_ int, by graph.Op) (graph.Op, bool) {
	m, ok := by.(matMul)
	if !ok {
		return nil, false
	}
	m.c = composed(m.c, op.axes)
	last := len(op.axes) - 1
	return m, m.c[last] >= last-1
}

// swappedLast are axes in their order but for the last two.
func swappedLast(dims int) []int {
	axes := make([]int, dims)
	for i := range axes {
		axes[i] = i
	}
	axes[dims-2], axes[dims-1] = dims-1, dims-2
	return axes
}

// reordered returns a shape whose axes are those of another one, as transpose takes
// them; nil leaves them.
func reordered(shape graph.Shape, axes []int) graph.Shape {
	if axes == nil {
		return shape
	}
	out := make(graph.Shape, len(axes))
	for i, axis := range axes {
		out[i] = shape[axis]
	}
	return out
}

// composed returns what takes axes first in the one order and then in the other.
func composed(first, then []int) []int {
	if first == nil {
		return then
	}
	return reordered(first, then)
}
