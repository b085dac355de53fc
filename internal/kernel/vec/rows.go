package vec

// AddRows computes y[i,j] = x[i,j]+k[j] for the rows of a matrix of cols columns.
func AddRows[T Float](y, x, k []T, rows, cols int) {
	eachRows(rowsAdd, y, x, k, rows, cols)
}

// MulRows computes y[i,j] = 0 where k[j] is 0, exactly, even for NaN, else
// x[i,j]·k[j].
func MulRows[T Float](y, x, k []T, rows, cols int) {
	eachRows(rowsMul, y, x, k, rows, cols)
}

type rowsOp uint8

const (
	rowsAdd rowsOp = iota
	rowsMul
)

// lane is the number of float32 in the widest vector; narrow bounds the columns
// for which several rows are taken for one.
const (
	lane   = 16
	narrow = 64
)

func eachRows[T Float](op rowsOp, y, x, k []T, rows, cols int) {
	if rows == 0 || cols == 0 {
		return
	}
	y, x, k = y[:rows*cols], x[:rows*cols], k[:cols]
	// Rows that do not fill vectors are taken several at a time, so that they do.
	if several := lane / GCD(cols, lane); several > 1 && cols < narrow && rows >= 4*several {
		var repeated [lane * narrow]T
		for i := range several {
			copy(repeated[i*cols:], k)
		}
		wide := cols * several
		combineRows(op, y, x, repeated[:wide], rows/several, wide)
		done := rows / several * wide
		y, x, rows = y[done:], x[done:], rows%several
		if rows == 0 {
			return
		}
	}
	combineRows(op, y, x, k, rows, cols)
}

// GCD returns the greatest common divisor.
func GCD(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func combineRowsGo[T Float](op rowsOp, y, x, k []T, rows, cols int) {
	for i := range rows {
		y, x := y[i*cols:][:cols], x[i*cols:][:cols]
		if op == rowsAdd {
			addGo(y, x, k)
		} else {
			mulCellsGo(y, x, k)
		}
	}
}

// SumRows adds Σ_i x[i·step+j] to acc[j], for rows of which acc covers the first
// elements.
func SumRows[T Float](acc []float64, x []T, rows, step int) {
	if rows == 0 || len(acc) == 0 {
		return
	}
	_ = x[(rows-1)*step+len(acc)-1]
	sumRows(acc, x, rows, step)
}

func sumRowsGo[T Float](acc []float64, x []T, rows, step int) {
	for i := range rows {
		for j, v := range x[i*step:][:len(acc)] {
			acc[j] += float64(v)
		}
	}
}
