package channels

import "github.com/thinnet/thinnet/internal/kernel/vec"

// RankPool writes Σ weights[r]·v[r] to y for each window, where v are its elements,
// the largest first, and of equals the first; NaN counts as largest. Windows of more
// elements than weights leave the smallest out, those of fewer the last weights, and
// what has a weight of 0 is left out, even if infinite. For memory with positions
// innermost, windows are of one channel, and each map is an image.
func RankPool[T vec.Float](w *Windows, weights []float64, y, x []T) {
	choosing[T]{w: w, rule: byRank, order: orderOf(weights), y: y, x: x}.run()
}

// RankPoolGrad writes the gradient of ⟨RankPool(x), dy⟩ with respect to x to all of
// dx.
func RankPoolGrad[T vec.Float](w *Windows, weights []float64, dx, x, dy []T) {
	choosing[T]{w: w, rule: byRank, order: orderOf(weights), dx: dx, x: x, dy: dy}.run()
}

// mostRanked is the number of taps up to which there are kernels: 3 by 3.
const mostRanked = 9

// An order is the weights of places in it. The kernels have those of as many as they
// take, followed by zeros; whole says that these are all that matter and none is 0.
type order struct {
	weights []float64
	table   [16]float32
	whole   bool
}

func orderOf(weights []float64) order {
	o := order{weights: weights, whole: true}
	for r := range min(len(weights), mostRanked) {
		o.table[r] = float32(weights[r])
		o.whole = o.whole && o.table[r] != 0
	}
	return o
}

func rank[T vec.Float](t taps, y, x []T, o *order) {
	if o.whole && t.fit(mostRanked) && vec.IsFloat32[T]() && rankTaps(t, vec.Float32s(y), vec.Float32s(x), &o.table, min(len(t.offs), len(o.weights))) {
		return
	}
	r := spareRankings.Borrow()
	for p := range t.points {
		for c := range t.n {
			sum := T(0)
			for place, k := range rankingOf(r, x[p*t.step+c:], t.offs, len(o.weights)) {
				if weight := T(o.weights[place]); weight != 0 {
					sum += T(weight * x[p*t.step+c+k])
				}
			}
			y[p*t.n+c] = sum
		}
	}
	spareRankings.GiveBack(r)
}

func rankGrad[T vec.Float](t taps, dx, x, dy []T, o *order) {
	if t.fit(mostRanked) && vec.IsFloat32[T]() && rankTapsGrad(t, vec.Float32s(dx), vec.Float32s(x), vec.Float32s(dy), &o.table) {
		return
	}
	r := spareRankings.Borrow()
	for p := range t.points {
		for c := range t.n {
			dx, dy := dx[p*t.step+c:], dy[p*t.n+c]
			ready(t, dx)
			for place, off := range rankingOf(r, x[p*t.step+c:], t.offs, len(o.weights)) {
				if weight := T(o.weights[place]); weight != 0 {
					dx[off] += T(weight * dy)
				}
			}
		}
	}
	spareRankings.GiveBack(r)
}
