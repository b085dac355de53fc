//go:build amd64 && !noasm

package vec

import "github.com/thinnet/thinnet/internal/kernel/cpu"

func mulLines[T Float](y, x, k []T, cols int) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() || cols > chunk {
		mulLinesGo(y, x, k, cols)
		return
	}
	height := chunk / cols
	for i := 0; i < len(k); i += height {
		rows := min(len(k)-i, height)
		if level == cpu.AVX512 {
			mulLines512(rows, cols, at(y, i*cols), at(x, i*cols), at(k, i))
		} else {
			mulLines256(rows, cols, at(y, i*cols), at(x, i*cols), at(k, i))
		}
	}
}

func mulAddLines[T Float](y, x, k, s []T, cols int) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() || cols > chunk {
		mulAddLinesGo(y, x, k, s, cols)
		return
	}
	height := chunk / cols
	for i := 0; i < len(k); i += height {
		rows := min(len(k)-i, height)
		if level == cpu.AVX512 {
			mulAddLines512(rows, cols, at(y, i*cols), at(x, i*cols), at(k, i), at(s, i))
		} else {
			mulAddLines256(rows, cols, at(y, i*cols), at(x, i*cols), at(k, i), at(s, i))
		}
	}
}

// longLine is the length from which on a call for each takes no longer: its loop has
// more than one accumulator.
const longLine = 256

func sumLines[T Float](y []float64, x []T, cols int) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() || cols == 0 || cols >= longLine {
		sumLinesGo(y, x, cols)
		return
	}
	height := chunk / cols
	for i := 0; i < len(y); i += height {
		rows := min(len(y)-i, height)
		if level == cpu.AVX512 {
			sumLines512(rows, cols, &y[i], at(x, i*cols))
		} else {
			sumLines256(rows, cols, &y[i], at(x, i*cols))
		}
	}
}

func maxLines[T Float](y, x []T, cols int) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() || cols == 0 || cols >= longLine {
		maxLinesGo(y, x, cols)
		return
	}
	height := chunk / cols
	for i := 0; i < len(y); i += height {
		rows := min(len(y)-i, height)
		if level == cpu.AVX512 {
			maxLines512(rows, cols, at(y, i), at(x, i*cols))
		} else {
			maxLines256(rows, cols, at(y, i), at(x, i*cols))
		}
	}
}
