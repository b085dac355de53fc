package channels

import (
	"math"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// MaxPool writes the largest element of each window to y, channel by channel. A
// window that sees nothing gives -Inf, one with a NaN gives NaN. Shapes are
// (N, in..., C) and (N, out..., C).
func (w *Windows) MaxPool(y, x []float32) {
	pool.Run(w.images(len(x))*len(w.lines), w.lineGrain(), maxPool{w, y, x})
}

// AvgPool writes the sum of each window to y, divided by what it counts.
func (w *Windows) AvgPool(y, x []float32) {
	pool.Run(w.images(len(x))*len(w.lines), w.lineGrain(), avgPool{w, y, x})
}

// MaxPoolGrad writes the gradient of ⟨MaxPool(x), dy⟩ with respect to x to all of
// dx: each window passes its dy to its largest element, to the first of equals, or
// to the last NaN if there is one.
func (w *Windows) MaxPoolGrad(dx, x, dy []float32) {
	pool.Run(w.images(len(x)), w.imageGrain(), maxPoolGrad{w, dx, x, dy})
}

// AvgPoolGrad writes the gradient of ⟨AvgPool(x), dy⟩ with respect to x to all of
// dx.
func (w *Windows) AvgPoolGrad(dx, dy []float32) {
	pool.Run(w.images(len(dx)), w.imageGrain(), avgPoolGrad{w, dx, dy})
}

func (w *Windows) images(size int) int { return size / max(1, w.inSize()) }

// split returns the image and the line that a unit of a job stands for, and where
// the image begins in x and y.
func (w *Windows) split(unit int) (line, x, y int) {
	image := unit / len(w.lines)
	return unit % len(w.lines), image * w.inSize(), image * w.outSize()
}

type maxPool struct {
	w    *Windows
	y, x []float32
}

func (j *maxPool) Do(lo, hi int) {
	w := j.w
	for u := lo; u < hi; u++ {
		l, x0, y0 := w.split(u)
		if w.squares {
			y, x := y0+l*w.out[2]*w.channels, x0+w.lines[l].x*w.channels
			w.eachSquares(func(p, points int) {
				maxSquares(j.y[y+p*w.channels:], j.x[x+2*p*w.channels:], points, w.in[2]*w.channels, w.channels)
			})
			continue
		}
		w.each(l, func(x, y int, offs []int, points, step, _ int) {
			if len(offs) == 0 {
				fill(j.y[y0+y:][:points*w.channels], float32(math.Inf(-1)))
				return
			}
			some := w.someChannels(offs)
			for c := 0; c < w.channels; c += some {
				maxTaps(j.y[y0+y+c:], j.x[x0+x+c:], offs, points, step, min(some, w.channels-c))
			}
		})
	}
}

// longWindow is the number of elements of a window from which on its channels are
// taken in parts: some 50 µs. It is slower so, as a part leaps through memory.
const longWindow = 1 << 18

// someChannels is the number of channels that one call takes: all, or whole vectors
// where a window is too long.
func (w *Windows) someChannels(offs []int) int {
	if len(offs)*w.channels <= longWindow {
		return w.channels
	}
	return max(1, longWindow/len(offs)/lanes) * lanes
}

// eachSquares calls f for pieces of a line that one call takes.
func (w *Windows) eachSquares(f func(p, points int)) {
	most := max(1, callSize/(4*w.channels))
	for p := 0; p < w.out[2]; p += most {
		f(p, min(most, w.out[2]-p))
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

type avgPool struct {
	w    *Windows
	y, x []float32
}

func (j *avgPool) Do(lo, hi int) {
	w := j.w
	for u := lo; u < hi; u++ {
		l, x0, y0 := w.split(u)
		w.each(l, func(x, y int, offs []int, points, step, count int) {
			if len(offs) == 0 {
				clear(j.y[y0+y:][:points*w.channels])
				return
			}
			w.average(j.y[y0+y:], j.x[x0+x:], offs, points, step, float32(count))
		})
	}
}

// average takes a window that is too long for one call in parts.
func (w *Windows) average(y, x []float32, offs []int, points, step int, count float32) {
	most := w.mostTaps()
	sumTaps(y, x, offs[:min(most, len(offs))], points, step, w.channels, count)
	if len(offs) <= most {
		return
	}
	mem := Borrow()
	part := mem.Floats(w.channels)
	for lo := most; lo < len(offs); lo += most {
		sumTaps(part, x, offs[lo:min(lo+most, len(offs))], points, step, w.channels, count)
		for c, v := range part {
			y[c] += v
		}
	}
	mem.GiveBack()
}

// mostTaps is the number of taps of one point that a call takes.
func (w *Windows) mostTaps() int { return max(1, callSize/w.channels) }

type maxPoolGrad struct {
	w         *Windows
	dx, x, dy []float32
}

func (j *maxPoolGrad) Do(lo, hi int) {
	w := j.w
	for image := lo; image < hi; image++ {
		dx, x := j.dx[image*w.inSize():][:w.inSize()], j.x[image*w.inSize():][:w.inSize()]
		dy := j.dy[image*w.outSize():][:w.outSize()]
		if w.squares {
			w.squaresGrad(dx, x, dy)
			continue
		}
		clear(dx)
		for l := range w.lines {
			w.each(l, func(at, y int, offs []int, points, step, _ int) {
				if len(offs) == 0 {
					return
				}
				some := w.someChannels(offs)
				for c := 0; c < w.channels; c += some {
					maxTapsGrad(dx[at+c:], x[at+c:], dy[y+c:], offs, points, step, min(some, w.channels-c))
				}
			})
		}
	}
}

// squaresGrad handles an image; what no window sees gets a 0.
func (w *Windows) squaresGrad(dx, x, dy []float32) {
	width, seen := w.in[2]*w.channels, 2*w.out[2]*w.channels
	for l := range w.lines {
		at := w.lines[l].x * w.channels
		w.eachSquares(func(p, points int) {
			from := at + 2*p*w.channels
			maxSquaresGrad(dx[from:], x[from:], dy[(l*w.out[2]+p)*w.channels:], points, width, w.channels)
		})
		clear(dx[at+seen : at+width])
		clear(dx[at+width+seen : at+2*width])
	}
	lines := 2 * w.out[1]
	for plane := range w.in[0] {
		clear(dx[(plane*w.in[1]+lines)*width : (plane+1)*w.in[1]*width])
	}
}

type avgPoolGrad struct {
	w      *Windows
	dx, dy []float32
}

func (j *avgPoolGrad) Do(lo, hi int) {
	w := j.w
	for image := lo; image < hi; image++ {
		dx, dy := j.dx[image*w.inSize():][:w.inSize()], j.dy[image*w.outSize():][:w.outSize()]
		if !w.disjoint {
			clear(dx)
		}
		for l := range w.lines {
			w.each(l, func(x, y int, offs []int, points, step, count int) {
				for most := w.mostTaps(); len(offs) > 0; offs = offs[min(most, len(offs)):] {
					part := offs[:min(most, len(offs))]
					if w.disjoint {
						setTaps(dx[x:], dy[y:], part, points, step, w.channels, float32(count))
					} else {
						addTaps(dx[x:], dy[y:], part, points, step, w.channels, float32(count))
					}
				}
			})
		}
	}
}
