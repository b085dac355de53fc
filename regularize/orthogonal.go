package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// OrthogonalPenalty adds to the training loss, for every weight at or under the scope,
//
//	λ · ‖W·Wᵀ - I‖²      the sum of the squares of all elements
//
// where W is the weight as a matrix (out, rest): one row for each unit or filter. So
// units are drawn to length 1, and to right angles. Where there are more units than
// inputs, out > rest, that is impossible, and the term is λ·‖Wᵀ·W - I‖² instead. The
// gradient is 4λ·(W·Wᵀ - I)·W. λ must be finite and not negative.
//
// What counts as a weight, and when the term is there, is as for [L1]; it costs two
// products of W with a square matrix in a step. Keras's OrthogonalRegularizer is
// another: it compares angles alone.
//
// Sources: Brock, Lim, Ritchie, Weston, Neural Photo Editing with Introspective
// Adversarial Networks, ICLR 2017, https://arxiv.org/abs/1609.07093, with absolute
// values in the place of squares; Bansal, Chen, Wang, Can We Gain More from
// Orthogonality Regularizations in Training Deep CNNs?, NeurIPS 2018,
// https://arxiv.org/abs/1810.09102, where it is soft orthogonality.
func OrthogonalPenalty(s *graph.Scope, lambda float64) {
	s = s.Layer("OrthogonalPenalty")
	if checkStrength(s, "λ", lambda) {
		s.Penalise(func(s *graph.Scope, w *graph.Node) *graph.Node {
			return s.Apply(l2{lambda}, s.Apply(gram{}, w))
		})
	}
}

// gram is how far the rows of a weight w, or its columns if they are fewer, are from
// orthogonal: w·wᵀ - I, or wᵀ·w - I.
type gram struct{}

func (gram) String() string { return "Gram" }

func (gram) InferShape(in ...graph.Shape) (graph.Shape, error) {
	m := matrixOf(in[0])
	n := min(m.out, m.rest)
	return graph.Shape{n, n}, nil
}

func (gram) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(matrixOf(in[0].Shape()), y, in, gramForward[float32], gramForward[float64])
}

func gramForward[T kernel.Float](m matrix, y []T, in [][]T) {
	w, n := in[0], min(m.out, m.rest)
	kernel.MatMul(y, w, w, n, n, max(m.out, m.rest), m.tall(), !m.tall(), false)
	for i := range n {
		y[i*n+i]--
	}
}

func (gram) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("GramGrad").Apply(gramGrad{}, in[0], dy)}
}

// gramGrad is 2·dy·w, or 2·w·dy, for the inputs w and dy, which is symmetric as the
// gradient of a sum of squares of what is.
type gramGrad struct{}

func (gramGrad) String() string { return "GramGrad" }

func (gramGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (gramGrad) Forward(dw *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(matrixOf(in[0].Shape()), dw, in, gramBackward[float32], gramBackward[float64])
}

func gramBackward[T kernel.Float](m matrix, dw []T, in [][]T) {
	a, b, inner := in[1], in[0], m.out
	if m.tall() {
		a, b, inner = b, a, m.rest
	}
	kernel.MatMul(dw, a, b, m.out, m.rest, inner, false, false, false)
	kernel.Scale(dw, dw, 2)
}

// matrix is the size of a weight of shape (out, ...) as a matrix.
type matrix struct{ out, rest int }

func matrixOf(w graph.Shape) matrix { return matrix{w[0], w[1:].TotalSize()} }

func (m matrix) tall() bool { return m.out > m.rest }
