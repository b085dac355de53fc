package vec

import "github.com/thinnet/thinnet/internal/philox"

// Draws says which elements a mask keeps: those whose 16 bits, half-word e%8 of
// block e/8 of a step of the stream, the low half of word 0 first, are at least
// Threshold.
type Draws struct {
	Key       philox.Key
	Step      uint64
	Threshold uint32 // 1 to 65535
}

const (
	HalfWords = 8  // of a block, each for an element
	WordBits  = 64 // elements to a word of bits

	groupSize = WordBits / HalfWords
)

// MaskApply computes y = 0 for the elements that d drops, exactly, even for NaN,
// else x·scale. The slices begin with block first.
func MaskApply[T Float](d *Draws, y, x []T, first uint64, scale T) {
	maskApply(d, y, x[:len(y)], first, scale)
}

// MaskShift computes y = base for the elements that d drops, exactly, even for NaN, else
// x·scale + gap + base, from left to right. The slices begin with block first.
func MaskShift[T Float](d *Draws, y, x []T, first uint64, scale, gap, base T) {
	maskShift(d, y, x[:len(y)], first, scale, gap, base)
}

// MaskBits writes what d keeps as bits, from block first on: bit e%64 of word e/64
// for element e.
func MaskBits(d *Draws, bits []uint64, first uint64) { maskBits(d, bits, first) }

// DrawWords writes the words of whole blocks, from block first on: word e%4 of block e/4
// to words[e]. The threshold of d plays no part. The length is a multiple of 4.
func DrawWords(d *Draws, words []uint32, first uint64) { drawWords(d, words, first) }

// BitsApply computes y = 0 where the bit of an element is 0, else x·scale.
func BitsApply[T Float](y, x []T, bits []uint64, scale T) {
	bitsApply(y, x[:len(y)], bits[:(len(y)+WordBits-1)/WordBits], scale)
}

// wraps tells whether the high 32 bits of the numbers of blocks change within n
// elements. The assembly takes them for constant.
func wraps(first uint64, n int) bool {
	return (first+uint64((n+WordBits)/HalfWords))>>32 != first>>32
}

func maskApplyGo[T Float](d *Draws, y, x []T, first uint64, scale T) {
	x = x[:len(y)]
	for e := 0; e < len(x); e += HalfWords {
		words := philox.Block(philox.At(d.Step, first+uint64(e/HalfWords)), d.Key)
		if e+HalfWords > len(x) {
			for i := range len(x) - e {
				half := words[i/2] >> (i % 2 * 16) & 0xffff
				y[e+i] = zeroIf(x[e+i]*scale, half < d.Threshold)
			}
			return
		}
		y, x := y[e:e+HalfWords:e+HalfWords], x[e:e+HalfWords:e+HalfWords]
		for j, w := range words {
			y[2*j] = zeroIf(x[2*j]*scale, w&0xffff < d.Threshold)
			y[2*j+1] = zeroIf(x[2*j+1]*scale, w>>16 < d.Threshold)
		}
	}
}

func maskShiftGo[T Float](d *Draws, y, x []T, first uint64, scale, gap, base T) {
	x = x[:len(y)]
	for e := 0; e < len(x); e += HalfWords {
		words := philox.Block(philox.At(d.Step, first+uint64(e/HalfWords)), d.Key)
		for i := range min(HalfWords, len(x)-e) {
			half := words[i/2] >> (i % 2 * 16) & 0xffff
			y[e+i] = zeroIf(T(x[e+i]*scale)+gap, half < d.Threshold) + base
		}
	}
}

func maskBitsGo(d *Draws, bits []uint64, first uint64) {
	for i := range bits {
		var word uint64
		for j := range uint64(groupSize) {
			for k, w := range philox.Block(philox.At(d.Step, first+uint64(i*groupSize)+j), d.Key) {
				at := HalfWords*j + 2*uint64(k)
				word |= keeps(w&0xffff, d.Threshold)<<at | keeps(w>>16, d.Threshold)<<(at+1)
			}
		}
		bits[i] = word
	}
}

func drawWordsGo(d *Draws, words []uint32, first uint64) {
	for i := 0; i < len(words); i += wordsInBlock {
		b := philox.Block(philox.At(d.Step, first+uint64(i/wordsInBlock)), d.Key)
		copy(words[i:], b[:])
	}
}

func keeps(half, threshold uint32) uint64 {
	if half >= threshold {
		return 1
	}
	return 0
}

func bitsApplyGo[T Float](y, x []T, bits []uint64, scale T) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] = zeroIf(v*scale, bits[i/WordBits]>>(i%WordBits)&1 == 0)
	}
}

// TransposeBits exchanges bit j of word i with bit i of word j.
//
// Source: Warren, Hacker's Delight, section 7-3.
func TransposeBits(a *[64]uint64) { transposeBits(a) }

func transposeBitsGo(a *[64]uint64) {
	mask := uint64(1<<32 - 1)
	for j := 32; j != 0; j >>= 1 {
		for k := 0; k < 64; k = (k + j + 1) &^ j {
			t := (a[k&63]>>j ^ a[(k+j)&63]) & mask
			a[k&63] ^= t << j
			a[(k+j)&63] ^= t
		}
		mask ^= mask << (j >> 1)
	}
}
