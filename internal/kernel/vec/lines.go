package vec

// MulLines computes y[i,j] = 0 where k[i] is 0, exactly, even for NaN, else
// x[i,j]·k[i], for the rows of a matrix of cols columns.
func MulLines[T Float](y, x, k []T, rows, cols int) {
	if rows == 0 || cols == 0 {
		return
	}
	mulLines(y[:rows*cols], x[:rows*cols], k[:rows], cols)
}

// MulAddLines computes y[i,j] = s[i] where k[i] is 0, exactly, even for NaN, else
// x[i,j]·k[i] + s[i].
func MulAddLines[T Float](y, x, k, s []T, rows, cols int) {
	if rows == 0 || cols == 0 {
		return
	}
	mulAddLines(y[:rows*cols], x[:rows*cols], k[:rows], s[:rows], cols)
}

// SumLines computes y[i] = Σ_j x[i,j], added up in float64. Levels differ in the order.
func SumLines[T Float](y []float64, x []T, cols int) {
	sumLines(y, x[:len(y)*cols], cols)
}

// MaxLines computes y[i] = max_j x[i,j], -Inf if there is none. NaN counts for nothing.
// Of zeros of either sign it is any.
func MaxLines[T Float](y, x []T, cols int) {
	maxLines(y, x[:len(y)*cols], cols)
}

func sumLinesGo[T Float](y []float64, x []T, cols int) {
	for i := range y {
		y[i] = Sum(x[i*cols:][:cols])
	}
}

func maxLinesGo[T Float](y, x []T, cols int) {
	for i := range y {
		y[i] = T(Max(x[i*cols:][:cols]))
	}
}

func mulLinesGo[T Float](y, x, k []T, cols int) {
	for i, factor := range k {
		y, x := y[i*cols:][:cols], x[i*cols:][:cols]
		if factor == 0 {
			clear(y)
			continue
		}
		mulScalarGo(y, x, factor)
	}
}

func mulAddLinesGo[T Float](y, x, k, s []T, cols int) {
	mulLinesGo(y, x, k, cols)
	for i, shift := range s {
		addScalarGo(y[i*cols:][:cols], y[i*cols:][:cols], shift)
	}
}
