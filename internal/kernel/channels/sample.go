package channels

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
	"github.com/thinnet/thinnet/internal/philox"
)

// SamplePool writes one element of each window to y, drawn with a probability
// proportional to it; what is not positive is not drawn. A window of nothing positive
// gives 0, and one with a NaN gives NaN.
//
// Output e, in the order of (N, C, out...), draws by word e%4 of block e/4 of the
// step. It stands for u in [0, 1), and the element is the first at which the sum of
// those so far exceeds u times that of all.
func SamplePool[T vec.Float](w *Windows, key philox.Key, step uint64, y, x []T) {
	pool.Run(w.images(len(x)), w.imageGrain(), samplePool[T]{w, key, step, y, nil, x, nil})
}

// SamplePoolGrad writes the gradient of ⟨SamplePool(x), dy⟩ with respect to x to all
// of dx: dy goes to the element drawn.
func SamplePoolGrad[T vec.Float](w *Windows, key philox.Key, step uint64, dx, x, dy []T) {
	pool.Run(w.images(len(x)), w.imageGrain(), samplePool[T]{w, key, step, nil, dx, x, dy})
}

// samplePool writes y, or else dx.
type samplePool[T vec.Float] struct {
	w            *Windows
	key          philox.Key
	step         uint64
	y, dx, x, dy []T
}

func (j *samplePool[T]) Do(lo, hi int) {
	in, out, channels := j.w.inSize(), j.w.outSize(), j.w.channels
	if j.dx != nil {
		clear(j.dx[lo*in : hi*in])
	}
	drawn := spareWords.Borrow()
	for image := lo; image < hi; image++ {
		words := drawn.draw(j.key, j.step, image*out, out)
		for l := range j.w.lines {
			j.w.each(l, func(x, y int, offs []int, points, step, _ int) {
				for e := range points * channels {
					p, c := e/channels, e%channels
					at, to := image*in+x+p*step+c, image*out+y+e
					off, total := pick(j.x[at:], offs, words[c*(out/channels)+y/channels+p])
					switch {
					case j.dx == nil && off < 0:
						j.y[to] = T(total)
					case j.dx == nil:
						j.y[to] = j.x[at+off]
					case off >= 0:
						j.dx[at+off] += j.dy[to]
					}
				}
			})
		}
	}
	spareWords.GiveBack(drawn)
}

// pick returns where the element drawn is, -1 if there is none, and the sum of all
// that are positive or NaN.
func pick[T vec.Float](x []T, offs []int, word uint32) (off int, total float64) {
	for _, off := range offs {
		if v := x[off]; !(v <= 0) {
			total += float64(v)
		}
	}
	off = -1
	if total != total {
		return off, total
	}
	top, sum := float64(word)*0x1p-32*total, 0.0
	for _, o := range offs {
		if v := x[o]; v > 0 {
			off = o
			if sum += float64(v); sum > top || sum == total { // which may be infinite
				break
			}
		}
	}
	return off, total
}

type words struct{ values []uint32 }

var spareWords pool.Spare[words]

// draw returns n words of a step from the one with number first on.
func (w *words) draw(key philox.Key, step uint64, first, n int) []uint32 {
	block := uint64(first / 4)
	w.values = w.values[:0]
	for len(w.values) < first%4+n {
		b := philox.Block(philox.At(step, block), key)
		w.values = append(w.values, b[:]...)
		block++
	}
	return w.values[first%4:]
}

// OwnPool writes Σ v²/Σ v to y for each window, over its positive elements: the mean
// of what SamplePool draws. A window of nothing positive gives 0, one with an infinity
// gives infinity.
func OwnPool[T vec.Float](w *Windows, y, x []T) {
	pool.Run(w.images(len(x))*len(w.lines), w.lineGrain(), ownPool[T]{w, y, x})
}

// OwnPoolGrad writes the gradient of ⟨OwnPool(x), dy⟩ with respect to x to all of dx.
// That of a positive element is (2·v - y)/Σ v.
func OwnPoolGrad[T vec.Float](w *Windows, dx, x, dy []T) {
	pool.Run(w.images(len(x)), w.imageGrain(), ownPoolGrad[T]{w, dx, x, dy})
}

type ownPool[T vec.Float] struct {
	w    *Windows
	y, x []T
}

func (j *ownPool[T]) Do(lo, hi int) {
	channels := j.w.channels
	for u := lo; u < hi; u++ {
		l, x0, y0 := j.w.split(u)
		j.w.each(l, func(x, y int, offs []int, points, step, _ int) {
			for e := range points * channels {
				mean, _ := own(j.x[x0+x+e/channels*step+e%channels:], offs)
				j.y[y0+y+e] = T(mean)
			}
		})
	}
}

type ownPoolGrad[T vec.Float] struct {
	w         *Windows
	dx, x, dy []T
}

func (j *ownPoolGrad[T]) Do(lo, hi int) {
	in, out, channels := j.w.inSize(), j.w.outSize(), j.w.channels
	clear(j.dx[lo*in : hi*in])
	for image := lo; image < hi; image++ {
		for l := range j.w.lines {
			j.w.each(l, func(x, y int, offs []int, points, step, _ int) {
				for e := range points * channels {
					at := image*in + x + e/channels*step + e%channels
					dy := float64(j.dy[image*out+y+e])
					mean, sum := own(j.x[at:], offs)
					for _, off := range offs {
						if v := float64(j.x[at+off]); !(v <= 0) {
							j.dx[at+off] += T(dy * (2*v - mean) / sum)
						}
					}
				}
			})
		}
	}
}

// own returns Σ v²/Σ v and Σ v.
func own[T vec.Float](x []T, offs []int) (mean, sum float64) {
	squares := 0.0
	for _, off := range offs {
		if v := float64(x[off]); !(v <= 0) {
			sum += v
			squares += v * v
		}
	}
	if sum == 0 || math.IsInf(sum, 1) {
		return sum, sum
	}
	return squares / sum, sum
}
