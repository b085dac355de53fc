package channels

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
	"github.com/thinnet/thinnet/internal/philox"
)

// A choosing is a pooling in which elements count by their order or by their share of
// the sum of their window. It writes y, or dx where that is not nil.
type choosing[T vec.Float] struct {
	w     *Windows
	rule  rule
	order order
	key   philox.Key
	step  uint64
	first int // number of the first element of y

	y, dx, x, dy []T
}

// A rule says what counts.
type rule uint8

const (
	byRank  rule = iota // each element by its place in the order
	byDraw              // one element, drawn by its share
	byShare             // each by its share
)

func (j choosing[T]) run() {
	w := j.w
	images := w.images(len(j.x))
	switch {
	case w.block != nil && images >= fewMaps && vec.IsFloat32[T]():
		b := w.block
		pool.Run((images+b.channels-1)/b.channels, b.imageGrain(), mapsChoosing{choosing[float32]{
			w: w, rule: j.rule, order: j.order, key: j.key, step: j.step,
			y: vec.Float32s(j.y), dx: vec.Float32s(j.dx), x: vec.Float32s(j.x), dy: vec.Float32s(j.dy),
		}})
	case j.dx == nil && j.rule != byDraw:
		pool.Run(images*len(w.lines), w.lineGrain(), lineChoosing[T]{j})
	default:
		pool.Run(images, w.imageGrain(), j)
	}
}

func (j *choosing[T]) Do(lo, hi int) {
	for image := lo; image < hi; image++ {
		j.image(image)
	}
}

func (j *choosing[T]) image(image int) {
	w := j.w
	var drawn *words
	var words []uint32
	if j.rule == byDraw {
		drawn = spareWords.Borrow()
		words = drawn.ofImage(j.key, j.step, j.first+image*w.outSize(), w.channels, w.outSize()/w.channels)
	}
	if j.dx != nil && !w.disjoint {
		clear(j.dx[image*w.inSize():][:w.inSize()])
	}
	for l := range w.lines {
		j.line(image, l, words)
	}
	if drawn != nil {
		spareWords.GiveBack(drawn)
	}
}

// line handles a line of an image with words for all of that.
func (j *choosing[T]) line(image, l int, words []uint32) {
	w := j.w
	x0, y0 := image*w.inSize(), image*w.outSize()
	w.each(l, func(x, y int, offs []int, points, step, _ int) {
		at := taps{offs, points, step, w.channels, w.disjoint}
		from := j.x[x0+x:]
		if j.dx == nil {
			out := j.y[y0+y:]
			switch j.rule {
			case byRank:
				rank(at, out, from, &j.order)
			case byDraw:
				draw(at, out, from, words[y:])
			default:
				own(at, out, from)
			}
			return
		}
		to, dy := j.dx[x0+x:], j.dy[y0+y:]
		switch j.rule {
		case byRank:
			rankGrad(at, to, from, dy, &j.order)
		case byDraw:
			drawGrad(at, to, from, dy, words[y:])
		default:
			ownGrad(at, to, from, dy)
		}
	})
}

// lineChoosing has lines for units.
type lineChoosing[T vec.Float] struct{ choosing[T] }

func (j *lineChoosing[T]) Do(lo, hi int) {
	for u := lo; u < hi; u++ {
		j.line(u/len(j.w.lines), u%len(j.w.lines), nil)
	}
}

// taps are the windows of some points, as the kernels take them: see pools_go.go. Where
// they are alone, no other window sees what they see, and gradients are written, else
// added.
type taps struct {
	offs            []int
	points, step, n int
	alone           bool
}

// ready makes a window of dx ready for sums.
func ready[T vec.Float](t taps, dx []T) {
	if t.alone {
		for _, off := range t.offs {
			dx[off] = 0
		}
	}
}

// keep is the mask of what a kernel keeps of dx.
func (t taps) keep() uint32 {
	if t.alone {
		return 0
	}
	return ^uint32(0)
}

// fit tells whether a kernel of windows of up to most taps takes these: of few channels,
// Go is as fast.
func (t taps) fit(most int) bool {
	const few = 3
	return t.n > few && len(t.offs) > 0 && len(t.offs) <= most && len(t.offs)*t.n <= longWindow
}
