package nodes

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// MatMul is the product of the matrices in the last two axes of a and b:
//
//	y[..., i, j] = Σ_l a[..., i, l] · b[..., l, j]
//
// Shapes: a is (..., m, k) with two axes or more, and b is (..., k, n) with the same
// leading axes, or one matrix (k, n) for all of a; y is (..., m, n). It is
// torch.matmul without its broadcasting of other shapes.
//
// A [Transpose] of a, b or y that leaves matrices in rows or columns of memory costs
// nothing: a program multiplies what it transposes in place. So a·bᵀ is
//
//	nodes.MatMul(a, nodes.Transpose(b, 0, 2, 1))
//
// For a weight there is [Linear].
func MatMul(a, b *graph.Node) *graph.Node {
	s := a.Layer("MatMul", b)
	if err := sameTypes(a, b); err != nil {
		return s.Fail(err)
	}
	if s.Err() != nil {
		return s.Apply(matMul{}, a, b)
	}
	x, w := a.Shape(), b.Shape()
	if len(x) < 2 || len(w) < 2 || x[len(x)-1] != w[len(w)-2] ||
		len(w) > 2 && !slices.Equal(x[:len(x)-2], w[:len(w)-2]) {
		return s.Errorf("a has shape %v and b %v, want (..., m, k) and (..., k, n) with equal leading axes, or (k, n)", x, w)
	}
	y := slices.Clone(x)
	y[len(y)-1] = w[len(w)-1]
	switch {
	case len(x) > 2 && len(w) == 2: // one product of all rows
		flat := s.Apply(reshape{graph.Shape{x[:len(x)-1].TotalSize(), x[len(x)-1]}}, a)
		return s.Apply(reshape{y}, s.Apply(matMul{}, flat, b))
	case len(x) > maxMatMulDims:
		n := x[:len(x)-2].TotalSize()
		flatA := s.Apply(reshape{graph.Shape{n, x[len(x)-2], x[len(x)-1]}}, a)
		flatB := s.Apply(reshape{graph.Shape{n, w[len(w)-2], w[len(w)-1]}}, b)
		return s.Apply(reshape{y}, s.Apply(matMul{}, flatA, flatB))
	}
	return s.Apply(matMul{}, a, b)
}

// maxMatMulDims is the number of axes that matMul takes: two of the batch.
const maxMatMulDims = 4

// matMul is y = c(a(x₀) · b(x₁)), where a, b and c reorder axes, as transpose does;
// nil does nothing. Leading axes are equal. In each of the three the last axis of the
// memory stays one of the last two: rows or columns of the matrices.
type matMul struct{ a, b, c []int }

func (op matMul) String() string { return fmt.Sprintf("MatMul{%v %v %v}", op.a, op.b, op.c) }

func (op matMul) InferShape(in ...graph.Shape) (graph.Shape, error) {
	a, b := reordered(in[0], op.a), reordered(in[1], op.b)
	last := len(a) - 1
	if len(a) < 2 || len(a) > maxMatMulDims || len(a) != len(b) || !slices.Equal(a[:last-1], b[:last-1]) || a[last] != b[last-1] {
		return nil, errors.Errorf("a has shape %v and b %v, want (..., m, k) and (..., k, n)", a, b)
	}
	y := slices.Clone(a)
	y[last] = b[last]
	return reordered(y, op.c), nil
}

// FLOPs implements [graph.Counter].
func (op matMul) FLOPs(in ...graph.Shape) int64 {
	return productFLOPs(in[0], reordered(in[1], op.b)[len(in[1])-1])
}

func (op matMul) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.product(y.Shape(), in[0].Shape(), in[1].Shape()), y, in, matMulForward[float32], matMulForward[float64])
}

func matMulForward[T kernel.Float](p matProduct, y []T, in [][]T) {
	a, b := in[0], in[1]
	if p.swapped {
		a, b = b, a
	}
	kernel.MatMulBatch(&p.BatchedProduct, y, a, b)
}

// matProduct is how a matMul is computed: with swapped as yᵀ = bᵀ·aᵀ, where it is the
// columns of y that lie in memory one element after the other.
type matProduct struct {
	kernel.BatchedProduct
	swapped bool
}

func (op matMul) product(y, a, b graph.Shape) matProduct {
	l, r, out := matrixAxes(a, op.a, false), matrixAxes(b, op.b, false), matrixAxes(y, op.c, true)
	p := matProduct{swapped: out.step[3] != 1}
	if p.swapped {
		l, r, out = r.swap(), l.swap(), out.swap()
	}
	p.Outer, p.Inner = l.n[0], l.n[1]
	p.M, p.K, p.N = l.n[2], l.n[3], r.n[3]
	p.A, p.B, p.C = l.matrices(), r.matrices(), out.matrices()
	return p
}

// axes4 are two axes of a batch and two of its matrices: their lengths, and the
// elements from one index to the next.
type axes4 struct{ n, step [maxMatMulDims]int }

// matrixAxes returns the axes of a shape in the order that perm says; with inverse,
// in the order that perm made of them.
func matrixAxes(shape graph.Shape, perm []int, inverse bool) axes4 {
	x := axes4{n: [...]int{1, 1, 1, 1}}
	step, first := 1, maxMatMulDims-len(shape)
	var steps [maxMatMulDims]int
	for i := len(shape) - 1; i >= 0; i-- {
		steps[i] = step
		step *= shape[i]
	}
	for i := range shape {
		from, to := i, i
		switch {
		case perm != nil && inverse:
			to = perm[i]
		case perm != nil:
			from = perm[i]
		}
		x.n[first+to], x.step[first+to] = shape[from], steps[from]
	}
	return x
}

// swap exchanges rows and columns.
func (x axes4) swap() axes4 {
	x.n[2], x.n[3] = x.n[3], x.n[2]
	x.step[2], x.step[3] = x.step[3], x.step[2]
	return x
}

func (x axes4) matrices() kernel.Matrices {
	m := kernel.Matrices{Outer: x.step[0], Inner: x.step[1], Row: x.step[2]}
	if x.step[3] != 1 {
		m.Trans, m.Row = true, x.step[3]
	}
	return m
}
