package channels

import "github.com/thinnet/thinnet/internal/kernel/vec"

// Maps with positions innermost are transposed into images of many channels, a block of
// maps at a time, so that the vectors of the machine are full for windows of any kind.

const (
	blockSize = 1 << 14 // elements of a block, about
	mostMaps  = 64      // maps of a block
	fewMaps   = 8       // fewer are not worth it
)

// blockOf returns how many maps of n elements make a block.
func blockOf(n int) int {
	return max(lanes, min(mostMaps, blockSize/max(1, n)/lanes*lanes))
}

// mapsChoosing has blocks for units.
type mapsChoosing struct{ choosing[float32] }

func (j *mapsChoosing) Do(lo, hi int) {
	b := j.w.block
	in, out, width := j.w.inSize(), j.w.outSize(), b.channels
	mem := Borrow()
	buffer := mem.Floats(2*width*in + width*out)
	x, dx, y := buffer[:width*in], buffer[width*in:2*width*in], buffer[2*width*in:]
	for k := lo; k < hi; k++ {
		first := k * width
		maps := min(width, len(j.x)/in-first)
		if maps < width {
			clear(buffer)
		}
		inner := j.choosing
		inner.w, inner.first, inner.x = b, first*out, x
		vec.Transpose(x, j.x[first*in:], maps, in, width, in)
		if j.dx == nil {
			inner.y = y
			inner.image(0)
			vec.Transpose(j.y[first*out:], y, out, maps, out, width)
			continue
		}
		vec.Transpose(y, j.dy[first*out:], maps, out, width, out)
		inner.dx, inner.dy = dx, y
		inner.image(0)
		vec.Transpose(j.dx[first*in:], dx, in, maps, in, width)
	}
	mem.GiveBack()
}
