//go:build !amd64 || noasm

package vec

func transpose[T Float](y, x []T, rows, cols, yStep, xStep int) {
	transposeGo(y, x, rows, cols, yStep, xStep)
}
