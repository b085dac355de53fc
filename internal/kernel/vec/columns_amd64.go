//go:build amd64 && !noasm

package vec

import "github.com/thinnet/thinnet/internal/kernel/cpu"

// columnRows is how many rows are gone down at a time where they are long: so many
// streams of memory are followed at once.
const columnRows = 8

// downColumns calls f for blocks of rows and of four vectors of columns, or of one or
// less.
func downColumns(level cpu.Level, rows, cols int, f func(i, j, height, width int, four bool)) {
	lanes := 8
	if level == cpu.AVX512 {
		lanes = 16
	}
	height := chunk / min(cols, 4*lanes)
	if cols > 8*lanes {
		height = columnRows
	}
	for i := 0; i < rows; i += height {
		for j := 0; j < cols; {
			width, four := 4*lanes, true
			if cols-j < width {
				width, four = min(lanes, cols-j), false
			}
			f(i, j, min(height, rows-i), width, four)
			j += width
		}
	}
}

func maxRows[T Float](acc, x []T, rows int) {
	level, cols := cpu.Get(), len(acc)
	if level == cpu.Go || !IsFloat32[T]() {
		maxRowsGo(acc, x, rows)
		return
	}
	downColumns(level, rows, cols, func(i, j, height, width int, four bool) {
		to, from := at(acc, j), at(x, i*cols+j)
		switch {
		case four && level == cpu.AVX512:
			maxRows512x4(height, to, from, 4*cols)
		case four:
			maxRows256x4(height, to, from, 4*cols)
		case level == cpu.AVX512:
			maxRows512x0(height, width, to, from, 4*cols)
		default:
			maxRows256x0(height, width, to, from, 4*cols)
		}
	})
}

func zeroFirst[T Float](y, src, x, top []T, rows int) {
	level, cols := cpu.Get(), len(top)
	if level == cpu.Go || !IsFloat32[T]() {
		zeroFirstGo(y, src, x, top, rows)
		return
	}
	downColumns(level, rows, cols, func(i, j, height, width int, four bool) {
		to, from, of, t := at(y, i*cols+j), at(src, i*cols+j), at(x, i*cols+j), at(top, j)
		switch {
		case four && level == cpu.AVX512:
			zeroFirst512x4(height, to, from, of, t, 4*cols)
		case four:
			zeroFirst256x4(height, to, from, of, t, 4*cols)
		case level == cpu.AVX512:
			zeroFirst512x0(height, width, to, from, of, t, 4*cols)
		default:
			zeroFirst256x0(height, width, to, from, of, t, 4*cols)
		}
	})
}
