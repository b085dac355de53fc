package channels

import (
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
	choosing[T]{w: w, rule: byDraw, key: key, step: step, y: y, x: x}.run()
}

// SamplePoolGrad writes the gradient of ⟨SamplePool(x), dy⟩ with respect to x to all
// of dx: dy goes to the element drawn.
func SamplePoolGrad[T vec.Float](w *Windows, key philox.Key, step uint64, dx, x, dy []T) {
	choosing[T]{w: w, rule: byDraw, key: key, step: step, dx: dx, x: x, dy: dy}.run()
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

func draw[T vec.Float](t taps, y, x []T, words []uint32) {
	if t.fit(mostShared) && vec.IsFloat32[T]() {
		drawTaps(t, vec.Float32s(y), vec.Float32s(x), words)
		return
	}
	for p := range t.points {
		drawSome(t, y, x, words, p, 0, t.n)
	}
}

// drawSome handles n channels of a point from c on.
func drawSome[T vec.Float](t taps, y, x []T, words []uint32, p, c, n int) {
	for ; n > 0; c, n = c+1, n-1 {
		x, to := x[p*t.step+c:], p*t.n+c
		off, total := pick(x, t.offs, words[to])
		if off < 0 {
			y[to] = T(total)
		} else {
			y[to] = x[off]
		}
	}
}

func drawGrad[T vec.Float](t taps, dx, x, dy []T, words []uint32) {
	if t.fit(mostShared) && vec.IsFloat32[T]() {
		drawTapsGrad(t, vec.Float32s(dx), vec.Float32s(x), vec.Float32s(dy), words)
		return
	}
	for p := range t.points {
		drawSomeGrad(t, dx, x, dy, words, p, 0, t.n)
	}
}

func drawSomeGrad[T vec.Float](t taps, dx, x, dy []T, words []uint32, p, c, n int) {
	for ; n > 0; c, n = c+1, n-1 {
		at, from := p*t.step+c, p*t.n+c
		ready(t, dx[at:])
		if off, _ := pick(x[at:], t.offs, words[from]); off >= 0 {
			dx[at+off] += dy[from]
		}
	}
}
