package recurrent

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// The gradients of the inputs of a layer are products of grad, what [Backward] left
// there, over all steps at once.

// A span is a run of columns of grad, and the row of a weight at which it starts.
type span struct{ col, row, n int }

// spans returns what of grad weighs on the state, or on the input.
func (l Layer) spans(state bool) [2]span {
	h := l.Hidden
	if l.Cell == GRU && state {
		return [2]span{{0, 0, 2 * h}, {3 * h, 2 * h, h}}
	}
	return [2]span{{0, 0, l.Gates() * h}}
}

// GradInput computes dx (T, N, F), for the input weight.
func GradInput[T Float](l Layer, dx, grad, weight []T) {
	product[T]{
		m: l.Steps * l.Batch, n: l.In, k: l.Gates() * l.Hidden, c: dx, cStride: l.In,
		a: grad, aStride: l.width() * l.Hidden, b: weight, bStride: l.In,
	}.run()
}

// GradWeight computes the gradient of the input weight, (gates·H, F), for the input.
func GradWeight[T Float](l Layer, dw, grad, x []T) { gradWeight(l, dw, grad, x, l.In, false) }

// GradRecurrent computes the gradient of the recurrent weight, (gates·H, H), for the
// trace, and for the factors if there are some.
func GradRecurrent[T Float](l Layer, dw, grad, trace, factors []T) {
	h := trace[:l.hiddens()]
	if l.Reverse {
		h = h[l.state():]
	}
	if factors != nil {
		m := borrow[T, forGates](l.Steps * l.state())
		defer m.giveBack()
		for t := range l.Steps {
			vec.Mul(m.numbers[t*l.state():][:l.state()], h[t*l.state():], factors)
		}
		h = m.numbers
	}
	gradWeight(l, dw, grad, h, l.Hidden, true)
}

func gradWeight[T Float](l Layer, dw, grad, x []T, in int, state bool) {
	for _, s := range l.spans(state) {
		if s.n > 0 {
			product[T]{
				m: s.n, n: in, k: l.Steps * l.Batch, c: dw[s.row*in:], cStride: in,
				a: grad[s.col:], aStride: l.width() * l.Hidden, transA: true, b: x, bStride: in,
			}.run()
		}
	}
}

// GradBias computes the gradient of the bias of the input or, with state, of the
// state, (gates·H).
func GradBias[T Float](l Layer, db, grad []T, state bool) {
	for _, s := range l.spans(state) {
		if s.n > 0 {
			pool.Run(s.n, biasCols, biasJob[T]{l, db[s.row:][:s.n], grad[s.col:]})
		}
	}
}

// biasCols is how many columns are summed at a time.
const biasCols = 256

type biasJob[T Float] struct {
	Layer
	db, grad []T
}

func (j *biasJob[T]) Do(lo, hi int) {
	m := borrow[float64, forSums](biasCols)
	defer m.giveBack()
	acc := m.numbers[:hi-lo]
	clear(acc)
	vec.SumRows(acc, j.grad[lo:], j.Steps*j.Batch, j.width()*j.Hidden)
	for i, v := range acc {
		j.db[lo+i] = T(v)
	}
}

// GradFirst returns the gradient of the first h, and of the first c after it.
func GradFirst[T Float](l Layer, grad []T) []T {
	return grad[l.Steps*l.width()*l.state():][:(1+l.cells())*l.state()]
}
