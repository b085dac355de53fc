package vec

import "unsafe"

// Transpose exchanges rows and columns:
//
//	y[j·yStep+i] = x[i·xStep+j],   i < rows, j < cols
//
// y may not be x.
func Transpose[T Float](y, x []T, rows, cols, yStep, xStep int) {
	if rows == 0 || cols == 0 {
		return
	}
	_, _ = y[(cols-1)*yStep+rows-1], x[(rows-1)*xStep+cols-1]
	transpose(y, x, rows, cols, yStep, xStep)
}

// TransposeWords is [Transpose] for words, which are moved as float32 are.
func TransposeWords(y, x []uint32, rows, cols, yStep, xStep int) {
	Transpose(asFloats(y), asFloats(x), rows, cols, yStep, xStep)
}

func asFloats(x []uint32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// transposeGo goes four rows at a time: it reads along x and writes neighbours.
func transposeGo[T Float](y, x []T, rows, cols, yStep, xStep int) {
	i := 0
	for ; i+4 <= rows; i += 4 {
		x0, x1 := x[i*xStep:][:cols], x[(i+1)*xStep:][:cols]
		x2, x3 := x[(i+2)*xStep:][:cols], x[(i+3)*xStep:][:cols]
		at := i
		for j, v := range x0 {
			y := y[at : at+4 : at+4]
			y[0], y[1], y[2], y[3] = v, x1[j], x2[j], x3[j]
			at += yStep
		}
	}
	for ; i < rows; i++ {
		at := i
		for _, v := range x[i*xStep:][:cols] {
			y[at] = v
			at += yStep
		}
	}
}
