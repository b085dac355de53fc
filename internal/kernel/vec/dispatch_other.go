//go:build !amd64 || noasm

package vec

func transpose[T Float](y, x []T, rows, cols, yStep, xStep int) {
	transposeGo(y, x, rows, cols, yStep, xStep)
}

func maskApply[T Float](d *Draws, y, x []T, first uint64, scale T) {
	maskApplyGo(d, y, x, first, scale)
}

func maskShift[T Float](d *Draws, y, x []T, first uint64, scale, gap, base T) {
	maskShiftGo(d, y, x, first, scale, gap, base)
}

func normalApply[T Float](op NormalOp, n *Normals[T], y, x []T, first uint64) {
	normalApplyGo(op, n, y, x, first)
}

func normalWords[T Float](n *Normals[T], words []uint32, first uint64) {
	normalWordsGo(n, words, first)
}

func normalPairs[T Float](op NormalOp, n *Normals[T], y, x []T, words []uint32, pairs, cols int) {
	normalPairsGo(op, n, y, x, words, pairs, cols)
}

func maskBits(d *Draws, bits []uint64, first uint64) { maskBitsGo(d, bits, first) }

func drawWords(d *Draws, words []uint32, first uint64) { drawWordsGo(d, words, first) }

func bitsApply[T Float](y, x []T, bits []uint64, scale T) { bitsApplyGo(y, x, bits, scale) }

func combineRows[T Float](op rowsOp, y, x, k []T, rows, cols int) {
	combineRowsGo(op, y, x, k, rows, cols)
}

func sumRows[T Float](acc []float64, x []T, rows, step int) { sumRowsGo(acc, x, rows, step) }

func transposeBits(a *[64]uint64) { transposeBitsGo(a) }

func mulLines[T Float](y, x, k []T, cols int) { mulLinesGo(y, x, k, cols) }

func mulAddLines[T Float](y, x, k, s []T, cols int) { mulAddLinesGo(y, x, k, s, cols) }

func sumLines[T Float](y []float64, x []T, cols int) { sumLinesGo(y, x, cols) }

func maxLines[T Float](y, x []T, cols int) { maxLinesGo(y, x, cols) }

func maxRows[T Float](acc, x []T, rows int) { maxRowsGo(acc, x, rows) }

func zeroFirst[T Float](y, src, x, top []T, rows int) { zeroFirstGo(y, src, x, top, rows) }
