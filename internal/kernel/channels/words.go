package channels

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
	"github.com/thinnet/thinnet/internal/philox"
)

// words are those that an image draws.
type words struct{ drawn, turned []uint32 }

var spareWords pool.Spare[words]

// ofImage draws a word for each element of an image of some channels of size elements,
// the first of which has number first, and brings them in the order of its memory.
func (w *words) ofImage(key philox.Key, step uint64, first, channels, size int) []uint32 {
	const block = len(philox.Counter{}) // words
	n := channels * size
	count := (first%block + n + block - 1) / block * block
	if cap(w.drawn) < count {
		w.drawn = make([]uint32, count)
	}
	all := w.drawn[:count]
	vec.DrawWords(&vec.Draws{Key: key, Step: step}, all, uint64(first/block))
	all = all[first%block:][:n]
	if channels == 1 || size == 1 {
		return all
	}
	if cap(w.turned) < n {
		w.turned = make([]uint32, n)
	}
	vec.Transpose(asFloats(w.turned[:n]), asFloats(all), channels, size, channels, size)
	return w.turned[:n]
}

// asFloats is for moving words: no arithmetic is done with them.
func asFloats(x []uint32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
