package winograd

// points is the number of products of a window in each channel.
const points = 6 * 6

// outSide returns the side of the piece of output that a window makes with
// filters of k x k.
func outSide(k int) int { return 7 - k }

// The largest sides of a piece of output, and numbers of taps.
const (
	maxSide = 4
	maxTaps = 5 * 5
)

// lanes is what numbers of channels are rounded up to in working memory.
const lanes = 16

// callChannels bounds the channels that one call of an assembly transform
// handles: it cannot be preempted.
const callChannels = 256

// A window is a square piece of an image, perhaps reaching beyond its edges.
type window struct {
	offset     int    // of its first pixel in the slice, perhaps outside
	row, pixel int    // steps
	rows, cols uint64 // bit i is set if row (column) i lies inside
}

// place returns the window of side pixels at (y, x) of image i in images of
// h x w pixels with c channels.
func place(side, i, y, x, h, w, c int) window {
	return window{
		offset: ((i*h+y)*w + x) * c,
		row:    w * c,
		pixel:  c,
		rows:   inside(side, y, h),
		cols:   inside(side, x, w),
	}
}

// inside has a bit for each of the n numbers from at on that are in [0, size).
func inside(n, at, size int) uint64 {
	lo, hi := max(0, -at), min(n, size-at)
	if lo >= hi {
		return 0
	}
	return 1<<hi - 1<<lo
}

// channels returns the window of the channels from c on.
func (w window) channels(c int) window {
	w.offset += c
	return w
}
