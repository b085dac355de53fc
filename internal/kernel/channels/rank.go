package channels

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

// RankPool writes Σ weights[r]·v[r] to y for each window, where v are its elements,
// the largest first, and of equals the first; NaN counts as largest. Windows of more
// elements than weights leave the smallest out, those of fewer the last weights. For
// memory with positions innermost, windows are of one channel, and each map is an
// image.
func RankPool[T vec.Float](w *Windows, weights []float64, y, x []T) {
	pool.Run(w.images(len(x))*len(w.lines), w.lineGrain(), rankPool[T]{w, weights, y, x})
}

// RankPoolGrad writes the gradient of ⟨RankPool(x), dy⟩ with respect to x to all of
// dx.
func RankPoolGrad[T vec.Float](w *Windows, weights []float64, dx, x, dy []T) {
	pool.Run(w.images(len(x)), w.imageGrain(), rankPoolGrad[T]{w, weights, dx, x, dy})
}

type rankPool[T vec.Float] struct {
	w       *Windows
	weights []float64
	y, x    []T
}

func (j *rankPool[T]) Do(lo, hi int) {
	ranks := pool.SpareOf[ranking[T]]().Borrow()
	weights, fours := fours[T](j.weights)
	for u := lo; u < hi; u++ {
		l, x0, y0 := j.w.split(u)
		j.w.each(l, func(x, y int, offs []int, points, step, _ int) {
			if fours && len(offs) == 4 {
				rankFours(vec.Float32s(j.y[y0+y:]), vec.Float32s(j.x[x0+x:]), [4]int(offs), weights, points, step, j.w.channels)
				return
			}
			for p := range points {
				for c := range j.w.channels {
					sum := T(0)
					for r, k := range ranks.of(j.x[x0+x+p*step+c:], offs, len(j.weights)) {
						if weight := j.weights[r]; weight != 0 {
							sum += T(weight) * k.value
						}
					}
					j.y[y0+y+p*j.w.channels+c] = sum
				}
			}
		})
	}
	pool.SpareOf[ranking[T]]().GiveBack(ranks)
}

type rankPoolGrad[T vec.Float] struct {
	w         *Windows
	weights   []float64
	dx, x, dy []T
}

func (j *rankPoolGrad[T]) Do(lo, hi int) {
	ranks := pool.SpareOf[ranking[T]]().Borrow()
	in, out := j.w.inSize(), j.w.outSize()
	clear(j.dx[lo*in : hi*in])
	for image := lo; image < hi; image++ {
		for l := range j.w.lines {
			j.w.each(l, func(x, y int, offs []int, points, step, _ int) {
				for p := range points {
					for c := range j.w.channels {
						at := image*in + x + p*step + c
						dy := j.dy[image*out+y+p*j.w.channels+c]
						for r, k := range ranks.of(j.x[at:], offs, len(j.weights)) {
							j.dx[at+k.off] += T(j.weights[r]) * dy
						}
					}
				}
			})
		}
	}
	pool.SpareOf[ranking[T]]().GiveBack(ranks)
}

// A ranking is the largest elements of a window in order, and where they are.
type ranking[T vec.Float] struct{ kept []ranked[T] }

type ranked[T vec.Float] struct {
	value T
	off   int
}

// of returns the n largest elements of a window, or as many as it has, by insertion:
// windows are small.
func (r *ranking[T]) of(x []T, offs []int, n int) []ranked[T] {
	n = min(n, len(offs))
	if len(r.kept) < n+1 {
		r.kept = make([]ranked[T], n+1)
	}
	for i, off := range offs {
		v, at := x[off], min(i, n)
		for at > 0 && (v > r.kept[at-1].value || v != v && r.kept[at-1].value == r.kept[at-1].value) {
			r.kept[at] = r.kept[at-1]
			at--
		}
		r.kept[at] = ranked[T]{v, off}
	}
	return r.kept[:n]
}
