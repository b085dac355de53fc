//go:build amd64 && !noasm

package vec

import "github.com/thinnet/thinnet/internal/kernel/cpu"

// combineRows goes down the columns in groups of one to four vectors, and no more
// rows at a time than a call of assembly may take.
func combineRows[T Float](op rowsOp, y, x, k []T, rows, cols int) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() {
		combineRowsGo(op, y, x, k, rows, cols)
		return
	}
	lanes := 8
	if level == cpu.AVX512 {
		lanes = 16
	}
	for j := 0; j < cols; {
		vectors := min(4, (cols-j)/lanes)
		width := vectors * lanes
		if vectors == 0 {
			width = cols - j
		}
		height := chunk / width
		for i := 0; i < rows; i += height {
			combineColumns(level, op, min(rows-i, height), width, vectors, at(y, i*cols+j), at(x, i*cols+j), at(k, j), 4*cols)
		}
		j += width
	}
}

func combineColumns(level cpu.Level, op rowsOp, n, width, vectors int, y, x, k *float32, step int) {
	switch {
	case level == cpu.AVX512 && op == rowsAdd:
		switch vectors {
		case 0:
			addRows512x0(n, width, y, x, k, step)
		case 1:
			addRows512x1(n, y, x, k, step)
		case 2:
			addRows512x2(n, y, x, k, step)
		case 3:
			addRows512x3(n, y, x, k, step)
		case 4:
			addRows512x4(n, y, x, k, step)
		}
	case level == cpu.AVX512:
		switch vectors {
		case 0:
			mulRows512x0(n, width, y, x, k, step)
		case 1:
			mulRows512x1(n, y, x, k, step)
		case 2:
			mulRows512x2(n, y, x, k, step)
		case 3:
			mulRows512x3(n, y, x, k, step)
		case 4:
			mulRows512x4(n, y, x, k, step)
		}
	case op == rowsAdd:
		switch vectors {
		case 0:
			addRows256x0(n, width, y, x, k, step)
		case 1:
			addRows256x1(n, y, x, k, step)
		case 2:
			addRows256x2(n, y, x, k, step)
		case 3:
			addRows256x3(n, y, x, k, step)
		case 4:
			addRows256x4(n, y, x, k, step)
		}
	default:
		switch vectors {
		case 0:
			mulRows256x0(n, width, y, x, k, step)
		case 1:
			mulRows256x1(n, y, x, k, step)
		case 2:
			mulRows256x2(n, y, x, k, step)
		case 3:
			mulRows256x3(n, y, x, k, step)
		case 4:
			mulRows256x4(n, y, x, k, step)
		}
	}
}

func sumRows[T Float](acc []float64, x []T, rows, step int) {
	level := cpu.Get()
	if level == cpu.Go || !IsFloat32[T]() {
		sumRowsGo(acc, x, rows, step)
		return
	}
	lanes := 4
	if level == cpu.AVX512 {
		lanes = 8
	}
	for j := 0; j < len(acc); {
		vectors := min(4, (len(acc)-j)/lanes)
		width := vectors * lanes
		if vectors == 0 {
			width = len(acc) - j
		}
		height := chunk / width
		for i := 0; i < rows; i += height {
			sumColumns(level, min(rows-i, height), width, vectors, &acc[j], at(x, i*step+j), 4*step)
		}
		j += width
	}
}

func sumColumns(level cpu.Level, n, width, vectors int, acc *float64, x *float32, step int) {
	if level == cpu.AVX512 {
		switch vectors {
		case 0:
			sumRows512x0(n, width, acc, x, step)
		case 1:
			sumRows512x1(n, acc, x, step)
		case 2:
			sumRows512x2(n, acc, x, step)
		case 3:
			sumRows512x3(n, acc, x, step)
		case 4:
			sumRows512x4(n, acc, x, step)
		}
		return
	}
	switch vectors {
	case 0:
		sumRows256x0(n, width, acc, x, step)
	case 1:
		sumRows256x1(n, acc, x, step)
	case 2:
		sumRows256x2(n, acc, x, step)
	case 3:
		sumRows256x3(n, acc, x, step)
	case 4:
		sumRows256x4(n, acc, x, step)
	}
}
