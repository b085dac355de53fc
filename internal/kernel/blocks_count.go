package kernel

import "math/bits"

// scale returns the factor of all that is kept, 1 if groups have factors of their own.
func (b *Blocks) scale(drawn *bitBuffer) float64 {
	if b.group != b.elements {
		return 1
	}
	return b.factor(drawn.words, 0)
}

// scaleGroups multiplies each group by its factor, if there are several.
func scaleGroups[T Float](b *Blocks, drawn *bitBuffer, y []T) {
	if b.group == b.elements {
		return
	}
	for at := 0; at < b.elements; at += b.group {
		Scale(y[at:at+b.group], y[at:at+b.group], b.factor(drawn.words, at))
	}
}

// factor returns the number of elements of the group from element at on over that of
// those whose bit is set; 0 if there are none.
func (b *Blocks) factor(words []uint64, at int) float64 {
	end := at + b.group
	kept := 0
	for e := at; e < end; {
		first := e % wordBits
		if whole := (end - e) / wordBits; first == 0 && whole > 0 {
			kept += ones(words[e/wordBits:][:whole])
			e += whole * wordBits
			continue
		}
		n := min(wordBits-first, end-e)
		kept += bits.OnesCount64(words[e/wordBits] >> first << (wordBits - n))
		e += n
	}
	if kept == 0 {
		return 0
	}
	return float64(b.group) / float64(kept)
}

// ones returns the number of bits that are set.
func ones(words []uint64) int {
	n := 0
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	return n
}
