//go:build amd64 && !noasm

package channels

import "github.com/thinnet/thinnet/internal/kernel/cpu"

// windowsEnd returns how many elements the windows of some points cover.
func windowsEnd(square bool, points, row, n int) int {
	if square {
		return row + 2*points*n
	}
	return 2 * points * n
}

func normPool(y, x, params, factor []float32, square bool, points, row, stride, n int) {
	_ = y[points*n-1]
	_ = x[windowsEnd(square, points, row, n)-1]
	_ = factor[n-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && square:
		normPoolSquare512(&y[0], &x[0], &params[0], &factor[0], points, row, stride, n)
	case level == cpu.AVX512:
		normPoolPair512(&y[0], &x[0], &params[0], &factor[0], points, row, stride, n)
	case level == cpu.AVX2 && square:
		normPoolSquare256(&y[0], &x[0], &params[0], &factor[0], points, row, stride, n)
	case level == cpu.AVX2:
		normPoolPair256(&y[0], &x[0], &params[0], &factor[0], points, row, stride, n)
	default:
		normPoolGo(y, x, params, factor, square, points, row, stride, n)
	}
}

func normPoolSums(sum, dot, x, dy, params []float32, square bool, points, row, stride, n int) {
	_ = x[windowsEnd(square, points, row, n)-1]
	_ = dy[points*n-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && square:
		normPoolSumsSquare512(&sum[0], &dot[0], &x[0], &dy[0], &params[0], points, row, stride, n)
	case level == cpu.AVX512:
		normPoolSumsPair512(&sum[0], &dot[0], &x[0], &dy[0], &params[0], points, row, stride, n)
	case level == cpu.AVX2 && square:
		normPoolSumsSquare256(&sum[0], &dot[0], &x[0], &dy[0], &params[0], points, row, stride, n)
	case level == cpu.AVX2:
		normPoolSumsPair256(&sum[0], &dot[0], &x[0], &dy[0], &params[0], points, row, stride, n)
	default:
		normPoolSumsGo(sum, dot, x, dy, params, square, points, row, stride, n)
	}
}

func normPoolGrad(dx, x, dy, params []float32, square bool, points, row, stride, n int) {
	_ = dx[windowsEnd(square, points, row, n)-1]
	_ = x[windowsEnd(square, points, row, n)-1]
	_ = dy[points*n-1]
	switch level := cpu.Get(); {
	case level == cpu.AVX512 && square:
		normPoolGradSquare512(&dx[0], &x[0], &dy[0], &params[0], points, row, stride, n)
	case level == cpu.AVX512:
		normPoolGradPair512(&dx[0], &x[0], &dy[0], &params[0], points, row, stride, n)
	case level == cpu.AVX2 && square:
		normPoolGradSquare256(&dx[0], &x[0], &dy[0], &params[0], points, row, stride, n)
	case level == cpu.AVX2:
		normPoolGradPair256(&dx[0], &x[0], &dy[0], &params[0], points, row, stride, n)
	default:
		normPoolGradGo(dx, x, dy, params, square, points, row, stride, n)
	}
}
