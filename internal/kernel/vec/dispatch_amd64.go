//go:build amd64 && !noasm

package vec

import (
	"github.com/thinnet/thinnet/internal/kernel/cpu"
	"github.com/thinnet/thinnet/internal/philox"
)

// transpose takes the columns in groups that fill a vector, and no more rows at a
// time than a call of assembly may take. Where rows of x lie a page apart or more it
// takes a block at a time along the rows, each of which the prefetcher then follows:
// down the columns it would see one line of a page.
func transpose[T Float](y, x []T, rows, cols, yStep, xStep int) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() {
		transposeGo(y, x, rows, cols, yStep, xStep)
		return
	}
	side := 8
	if level == cpu.AVX512 {
		side = 16
	}
	const page = 4096
	height := chunk / 16
	if 4*xStep >= page {
		height = side
	}
	for i := 0; i < rows; i += height {
		for j := 0; j < cols; j += side {
			to, from := at(y, j*yStep+i), at(x, i*xStep+j)
			if level == cpu.AVX512 {
				transpose512(min(rows-i, height), min(cols-j, side), to, from, 4*yStep, 4*xStep)
			} else {
				transpose256(min(rows-i, height), min(cols-j, side), to, from, 4*yStep, 4*xStep)
			}
		}
	}
}

func maskApply[T Float](d *Draws, y, x []T, first uint64, scale T) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() || wraps(first, len(y)) {
		maskApplyGo(d, y, x, first, scale)
		return
	}
	keys := philox.Keys(d.Key, d.Step, first)
	whole := len(y) &^ (WordBits - 1)
	for i := 0; i < whole; i += chunk {
		groups, block := min(whole-i, chunk)/WordBits, first+uint64(i/HalfWords)
		if level == cpu.AVX512 {
			maskApply512(groups, at(y, i), at(x, i), &keys[0], block, d.Threshold, float32(scale))
		} else {
			maskApply256(groups, at(y, i), at(x, i), &keys[0], block, d.Threshold, float32(scale))
		}
	}
	if whole < len(y) {
		var bits [1]uint64
		maskBits(d, bits[:], first+uint64(whole/HalfWords))
		bitsApply(y[whole:], x[whole:], bits[:], scale)
	}
}

func maskShift[T Float](d *Draws, y, x []T, first uint64, scale, gap, base T) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() || wraps(first, len(y)) {
		maskShiftGo(d, y, x, first, scale, gap, base)
		return
	}
	keys := philox.Keys(d.Key, d.Step, first)
	whole := len(y) &^ (WordBits - 1)
	for i := 0; i < whole; i += chunk {
		groups, to, from, block := min(whole-i, chunk)/WordBits, at(y, i), at(x, i), first+uint64(i/HalfWords)
		if level == cpu.AVX512 {
			maskShift512(groups, to, from, &keys[0], block, d.Threshold, float32(scale), float32(gap), float32(base))
		} else {
			maskShift256(groups, to, from, &keys[0], block, d.Threshold, float32(scale), float32(gap), float32(base))
		}
	}
	maskShiftGo(d, y[whole:], x[whole:], first+uint64(whole/HalfWords), scale, gap, base)
}

func normalApply[T Float](op NormalOp, n *Normals[T], y, x []T, first uint64) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() || wraps(first, len(y)) {
		normalApplyGo(op, n, y, x, first)
		return
	}
	keys, table := philox.Keys(n.Key, n.Step, first), &n.table[0][0]
	whole := len(y) &^ (WordBits - 1)
	for i := 0; i < whole; i += chunk {
		groups, to, from, block := min(whole-i, chunk)/WordBits, at(y, i), at(x, i), first+uint64(i/HalfWords)
		switch {
		case level == cpu.AVX512 && op == NormalAdd:
			normalAdd512(groups, to, from, table, &keys[0], block)
		case level == cpu.AVX512:
			normalMul512(groups, to, from, table, &keys[0], block)
		case op == NormalAdd:
			normalAdd256(groups, to, from, table, &keys[0], block)
		default:
			normalMul256(groups, to, from, table, &keys[0], block)
		}
	}
	normalApplyGo(op, n, y[whole:], x[whole:], first+uint64(whole/HalfWords))
}

func normalWords[T Float](n *Normals[T], words []uint32, first uint64) {
	level := cpu.Get()
	if level == cpu.Go || wraps(first, 2*len(words)) {
		normalWordsGo(n, words, first)
		return
	}
	keys := philox.Keys(n.Key, n.Step, first)
	const group = groupSize * wordsInBlock
	whole := len(words) &^ (group - 1)
	for i := 0; i < whole; i += chunk {
		groups, block := min(whole-i, chunk)/group, first+uint64(i/wordsInBlock)
		if level == cpu.AVX512 {
			normalWords512(groups, &words[i], &keys[0], block)
		} else {
			normalWords256(groups, &words[i], &keys[0], block)
		}
	}
	normalWordsGo(n, words[whole:], first+uint64(whole/wordsInBlock))
}

// normalPairs takes no more rows at a time than a call of assembly may take.
func normalPairs[T Float](op NormalOp, n *Normals[T], y, x []T, words []uint32, pairs, cols int) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() {
		normalPairsGo(op, n, y, x, words, pairs, cols)
		return
	}
	most := max(1, chunk/cols)
	for i := 0; i < pairs; i += most {
		rows, to, from, word, table := min(pairs-i, most), at(y, 2*i*cols), at(x, 2*i*cols), &words[i*cols], &n.table[0][0]
		switch {
		case level == cpu.AVX512 && op == NormalAdd:
			normalPairsAdd512(rows, cols, to, from, word, table)
		case level == cpu.AVX512:
			normalPairsMul512(rows, cols, to, from, word, table)
		case op == NormalAdd:
			normalPairsAdd256(rows, cols, to, from, word, table)
		default:
			normalPairsMul256(rows, cols, to, from, word, table)
		}
	}
}

func maskBits(d *Draws, bits []uint64, first uint64) {
	if cpu.Get() == cpu.Go || wraps(first, len(bits)*WordBits) {
		maskBitsGo(d, bits, first)
		return
	}
	keys := philox.Keys(d.Key, d.Step, first)
	for i := 0; i < len(bits); i += chunk / WordBits {
		groups, block := min(len(bits)-i, chunk/WordBits), first+uint64(i*groupSize)
		if cpu.Get() == cpu.AVX512 {
			maskBits512(groups, &bits[i], &keys[0], block, d.Threshold)
		} else {
			maskBits256(groups, &bits[i], &keys[0], block, d.Threshold)
		}
	}
}

func drawWords(d *Draws, words []uint32, first uint64) {
	const group = groupSize * wordsInBlock
	whole := len(words) &^ (group - 1)
	if cpu.Get() == cpu.Go || wraps(first, HalfWords/wordsInBlock*len(words)) {
		whole = 0
	}
	keys := philox.Keys(d.Key, d.Step, first)
	for i := 0; i < whole; i += chunk {
		groups, block := min(whole-i, chunk)/group, first+uint64(i/wordsInBlock)
		if cpu.Get() == cpu.AVX512 {
			drawWords512(groups, &words[i], &keys[0], block)
		} else {
			drawWords256(groups, &words[i], &keys[0], block)
		}
	}
	drawWordsGo(d, words[whole:], first+uint64(whole/wordsInBlock))
}

func bitsApply[T Float](y, x []T, bits []uint64, scale T) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() {
		bitsApplyGo(y, x, bits, scale)
		return
	}
	for i := 0; i < len(y); i += chunk {
		n := min(len(y)-i, chunk)
		if level == cpu.AVX512 {
			bitsApply512(n, at(y, i), at(x, i), &bits[i/WordBits], float32(scale))
		} else {
			bitsApply256(n, at(y, i), at(x, i), &bits[i/WordBits], float32(scale))
		}
	}
}

// transposeBits has no version for narrow vectors: in a register of 256 bits it
// has half the width and twice the work, some of it by instructions that are not
// there.
func transposeBits(a *[64]uint64) {
	if cpu.Get() == cpu.AVX512 {
		transposeBits512(a)
		return
	}
	transposeBitsGo(a)
}
