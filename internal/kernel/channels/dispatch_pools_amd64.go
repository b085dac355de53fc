//go:build amd64 && !noasm

package channels

import "github.com/thinnet/thinnet/internal/kernel/cpu"

// reach returns how many elements the windows of some points cover. The last tap is
// the farthest.
func reach(offs []int, points, step, n int) int {
	return (points-1)*step + offs[len(offs)-1] + n
}

func maxTaps(y, x []float32, offs []int, points, step, n int) {
	_ = y[points*n-1]
	_ = x[reach(offs, points, step, n)-1]
	switch cpu.Get() {
	case cpu.AVX512:
		maxTaps512(&y[0], &x[0], &offs[0], len(offs), points, step, n)
	case cpu.AVX2:
		maxTaps256(&y[0], &x[0], &offs[0], len(offs), points, step, n)
	default:
		maxTapsGo(y, x, offs, points, step, n)
	}
}

func sumTaps(y, x []float32, offs []int, points, step, n int, count float32) {
	_ = y[points*n-1]
	_ = x[reach(offs, points, step, n)-1]
	switch cpu.Get() {
	case cpu.AVX512:
		sumTaps512(&y[0], &x[0], &offs[0], len(offs), points, step, n, count)
	case cpu.AVX2:
		sumTaps256(&y[0], &x[0], &offs[0], len(offs), points, step, n, count)
	default:
		sumTapsGo(y, x, offs, points, step, n, count)
	}
}

func addTaps(dx, dy []float32, offs []int, points, step, n int, count float32) {
	_ = dx[reach(offs, points, step, n)-1]
	_ = dy[points*n-1]
	switch cpu.Get() {
	case cpu.AVX512:
		addTaps512(&dx[0], &dy[0], &offs[0], len(offs), points, step, n, count)
	case cpu.AVX2:
		addTaps256(&dx[0], &dy[0], &offs[0], len(offs), points, step, n, count)
	default:
		addTapsGo(dx, dy, offs, points, step, n, count)
	}
}

func setTaps(dx, dy []float32, offs []int, points, step, n int, count float32) {
	_ = dx[reach(offs, points, step, n)-1]
	_ = dy[points*n-1]
	switch cpu.Get() {
	case cpu.AVX512:
		setTaps512(&dx[0], &dy[0], &offs[0], len(offs), points, step, n, count)
	case cpu.AVX2:
		setTaps256(&dx[0], &dy[0], &offs[0], len(offs), points, step, n, count)
	default:
		setTapsGo(dx, dy, offs, points, step, n, count)
	}
}

func maxTapsGrad(dx, x, dy []float32, offs []int, points, step, n int) {
	_ = dx[reach(offs, points, step, n)-1]
	_ = x[reach(offs, points, step, n)-1]
	_ = dy[points*n-1]
	switch cpu.Get() {
	case cpu.AVX512:
		maxTapsGrad512(&dx[0], &x[0], &dy[0], &offs[0], len(offs), points, step, n)
	case cpu.AVX2:
		maxTapsGrad256(&dx[0], &x[0], &dy[0], &offs[0], len(offs), points, step, n)
	default:
		maxTapsGradGo(dx, x, dy, offs, points, step, n)
	}
}

func maxSquares(y, x []float32, points, row, n int) {
	_ = y[points*n-1]
	_ = x[row+2*points*n-1]
	switch cpu.Get() {
	case cpu.AVX512:
		maxSquares512(&y[0], &x[0], points, row, n)
	case cpu.AVX2:
		maxSquares256(&y[0], &x[0], points, row, n)
	default:
		maxSquaresGo(y, x, points, row, n)
	}
}

func maxSquaresGrad(dx, x, dy []float32, points, row, n int) {
	_ = dx[row+2*points*n-1]
	_ = x[row+2*points*n-1]
	_ = dy[points*n-1]
	switch cpu.Get() {
	case cpu.AVX512:
		maxSquaresGrad512(&dx[0], &x[0], &dy[0], points, row, n)
	case cpu.AVX2:
		maxSquaresGrad256(&dx[0], &x[0], &dy[0], points, row, n)
	default:
		maxSquaresGradGo(dx, x, dy, points, row, n)
	}
}
