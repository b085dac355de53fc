package tile

import "unsafe"

// packChunk is how many numbers one call of a packing loop moves at most: it
// cannot be interrupted.
const packChunk = 1 << 14

// RowStep returns the bytes from one k to the next in rows that are packed: one
// vector, of which a panel uses the first numbers.
func RowStep() int { return 4 * Lanes() }

// ColStep returns the bytes from one k to the next in a packed panel of cols
// columns: whole vectors.
func ColStep(cols int) int {
	lanes := Lanes()
	return (cols + lanes - 1) / lanes * lanes * 4
}

// PackRows packs a left operand, panel after panel of Split(rows), each as depth
// columns that lie [RowStep] apart: depth·RowStep bytes to a panel. The source is
// (rows, depth), or with trans (depth, rows), and stride bytes lie from one of
// its rows to the next. What a panel leaves of a vector is set to zero.
func PackRows(dst, src unsafe.Pointer, stride, rows, depth int, trans bool) {
	p := Split(rows)
	step := RowStep()
	if !trans {
		for i := range p.n {
			row, height := p.At(i)
			Transpose(unsafe.Add(dst, i*depth*step), step, unsafe.Add(src, row*stride), stride, height, depth)
		}
		return
	}
	if p.taller > 0 {
		copyPanels(dst, step, depth*step, src, stride, p.height+1, p.taller, depth)
	}
	if p.n > p.taller {
		row, height := p.At(p.taller)
		copyPanels(unsafe.Add(dst, p.taller*depth*step), step, depth*step, unsafe.Add(src, 4*row), stride, height, p.n-p.taller, depth)
	}
}

// PackCols packs a right operand in panels of [Cols] columns, the last one
// perhaps narrower, each as depth rows that lie [ColStep] apart. The source is
// (depth, cols), or with trans (cols, depth), and stride bytes lie from one of its
// rows to the next. Panel j starts at j·depth·ColStep(Cols()) bytes, and the whole
// takes depth·[ColStep](cols) bytes. What a panel leaves of a vector is set to
// zero.
func PackCols(dst, src unsafe.Pointer, stride, cols, depth int, trans bool) {
	wide, lanes := Cols(), Lanes()
	panel := depth * ColStep(wide)
	if trans {
		for j := 0; j < cols; j += wide {
			width := min(wide, cols-j)
			step := ColStep(width)
			for l := 0; l < width; l += lanes {
				Transpose(unsafe.Add(dst, j/wide*panel+4*l), step, unsafe.Add(src, (j+l)*stride), stride, min(lanes, width-l), depth)
			}
		}
		return
	}
	full := cols / wide
	if full > 0 {
		copyPanels(dst, ColStep(wide), panel, src, stride, wide, full, depth)
	}
	if rest := cols - full*wide; rest > 0 {
		copyPanels(unsafe.Add(dst, full*panel), ColStep(rest), 0, unsafe.Add(src, 4*full*wide), stride, rest, 1, depth)
	}
}

// Transpose sets column k of dst, for k < depth, to number k of each row of src.
// Columns lie dstStep bytes apart and rows srcStep. A column is one vector: rows
// is at most [Lanes], and the numbers beyond it are set to zero.
func Transpose(dst unsafe.Pointer, dstStep int, src unsafe.Pointer, srcStep, rows, depth int) {
	chunk := packChunk / Lanes()
	for k := 0; k < depth; k += chunk {
		transpose(unsafe.Add(dst, k*dstStep), dstStep, unsafe.Add(src, 4*k), srcStep, rows, min(chunk, depth-k))
	}
}

// copyPanels copies from each of depth rows, srcStep bytes apart, groups of cols
// numbers side by side. In dst rows lie dstStep bytes apart, and groups dstGroup.
func copyPanels(dst unsafe.Pointer, dstStep, dstGroup int, src unsafe.Pointer, srcStep, cols, groups, depth int) {
	chunk := max(1, packChunk/(groups*cols))
	for k := 0; k < depth; k += chunk {
		copyGroups(unsafe.Add(dst, k*dstStep), dstStep, dstGroup, unsafe.Add(src, k*srcStep), srcStep, cols, groups, min(chunk, depth-k))
	}
}
