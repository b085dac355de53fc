//go:build amd64 && !noasm

package vec

import "github.com/thinnet/thinnet/internal/kernel/cpu"

// transpose takes the columns in groups that fill a vector, and no more rows at a
// time than a call of assembly may take.
func transpose[T Float](y, x []T, rows, cols, yStep, xStep int) {
	level := cpu.Get()
	if level == cpu.Go || !isFloat32[T]() {
		transposeGo(y, x, rows, cols, yStep, xStep)
		return
	}
	side := 8
	if level == cpu.AVX512 {
		side = 16
	}
	const height = chunk / 16
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
