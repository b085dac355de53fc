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
	PackRowsApart(dst, depth*RowStep(), src, stride, rows, depth, trans)
}

// PackRowsApart is [PackRows] with panels that start the given bytes apart: for
// packing a part of the depth.
func PackRowsApart(dst unsafe.Pointer, apart int, src unsafe.Pointer, stride, rows, depth int, trans bool) {
	p := Split(rows)
	step := RowStep()
	if !trans {
		for i := range p.n {
			row, height := p.At(i)
			Transpose(unsafe.Add(dst, i*apart), step, unsafe.Add(src, row*stride), stride, height, depth)
		}
		return
	}
	if p.taller > 0 {
		copyPanels(dst, step, apart, src, stride, p.height+1, p.taller, depth)
	}
	if p.n > p.taller {
		row, height := p.At(p.taller)
		copyPanels(unsafe.Add(dst, p.taller*apart), step, apart, unsafe.Add(src, 4*row), stride, height, p.n-p.taller, depth)
	}
}

// PackCols packs a right operand in panels of [Cols] columns, the last one
// perhaps narrower, each as depth rows that lie [ColStep] apart. The source is
// (depth, cols), or with trans (cols, depth), and stride bytes lie from one of its
// rows to the next. Panel j starts at j·depth·ColStep(Cols()) bytes, and the whole
// takes depth·[ColStep](cols) bytes. What a panel leaves of a vector is set to
// zero.
func PackCols(dst, src unsafe.Pointer, stride, cols, depth int, trans bool) {
	wide := Cols()
	panel := depth * ColStep(wide)
	full := cols / wide * wide
	if full > 0 {
		PackColsApart(dst, panel, src, stride, full, depth, trans)
	}
	if full < cols {
		skip := 4 * full
		if trans {
			skip = full * stride
		}
		PackColsApart(unsafe.Add(dst, full/wide*panel), panel, unsafe.Add(src, skip), stride, cols-full, depth, trans)
	}
}

// PackColsApart is [PackCols] for panels of one width, which start the given bytes
// apart: for packing a part of the depth. cols is a multiple of [Cols], or less
// than it.
func PackColsApart(dst unsafe.Pointer, apart int, src unsafe.Pointer, stride, cols, depth int, trans bool) {
	width := min(cols, Cols())
	step, lanes := ColStep(width), Lanes()
	if !trans {
		copyPanels(dst, step, apart, src, stride, width, cols/width, depth)
		return
	}
	for j := 0; j < cols; j += width {
		for l := 0; l < width; l += lanes {
			Transpose(unsafe.Add(dst, j/width*apart+4*l), step, unsafe.Add(src, (j+l)*stride), stride, min(lanes, width-l), depth)
		}
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
	most := max(1, packChunk/cols) // groups in a call
	for g := 0; g < groups; g += most {
		some := min(most, groups-g)
		chunk := max(1, packChunk/(some*cols))
		for k := 0; k < depth; k += chunk {
			copyGroups(unsafe.Add(dst, k*dstStep+g*dstGroup), dstStep, dstGroup,
				unsafe.Add(src, k*srcStep+4*g*cols), srcStep, cols, some, min(chunk, depth-k))
		}
	}
}
