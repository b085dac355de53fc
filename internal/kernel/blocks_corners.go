package kernel

import (
	"math/bits"

	"github.com/thinnet/thinnet/internal/philox"
)

// Corners say where boxes begin: at what a mask drops, or at a part of that.
type Corners struct {
	Mask
	Stay float64 // the part
}

// leastCorners is the smallest probability for which 16 bits are enough.
const leastCorners = 0x1p-10

// NewCorners returns corners of a probability: rounded to a 65536th, unless it is below
// a 1024th. For one so small the mask has a 1024th, and for each element e that it
// drops word 0 of block 2^63+e of the step says whether a box begins there.
func NewCorners(key philox.Key, step uint64, p float64) Corners {
	if p >= leastCorners || p == 0 {
		return Corners{NewMask(key, step, p), 1}
	}
	return Corners{NewMask(key, step, leastCorners), p / leastCorners}
}

// thin clears the bits of corners that do not stay, in words from word at on.
func (j *blocksJob) thin(words []uint64, at int) {
	if j.stay == 1 {
		return
	}
	for i, w := range words {
		for ; w != 0; w &= w - 1 {
			bit := bits.TrailingZeros64(w)
			e := uint64((at+i)*wordBits + bit)
			if unit(philox.Block(philox.At(j.draws.Step, 1<<63+e), j.draws.Key)[0]) >= j.stay {
				words[i] &^= 1 << bit
			}
		}
	}
}
