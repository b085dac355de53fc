package channels

import "math"

// The fused loops in Go. params has a row of stride elements for each kind of
// coefficient. A window is two neighbouring points on a line and, with square, the
// two below them, row elements on.

const (
	meanRow = iota
	aRow
	bRow
	_ // at 4 the assembly counts rows anew: an address has a row's length times 1 or 2
	pRow
	qRow
	scaleRow
	paramRows
)

func windowOffs(square bool, row, n int) []int {
	offs := squareOffs(row, n)
	if square {
		return offs[:]
	}
	return offs[:2]
}

// normPoolGo computes y = factor·max(0, v of the window), where
// v = (x-mean)·a + b. Where the factor is 0 so is y, even for NaN.
func normPoolGo(y, x, params, factor []float32, square bool, points, row, stride, n int) {
	offs := windowOffs(square, row, n)
	for p := range points {
		for c := range n {
			var top float32
			for _, off := range offs {
				top = max(top, valueGo(x[2*p*n+off+c], params[c:], stride))
			}
			if y[p*n+c] = top * factor[c]; factor[c] == 0 {
				y[p*n+c] = 0
			}
		}
	}
}

func valueGo(x float32, params []float32, stride int) float32 {
	return float32((x-params[meanRow*stride])*params[aRow*stride]) + params[bRow*stride]
}

// dealtGo returns the tap of a window that takes the gradient, and the gradient: dy,
// or 0 if v is not positive there.
func dealtGo(x, params []float32, offs []int, stride int, dy float32) (won int, d float32) {
	top := float32(math.Inf(-1))
	for t, off := range offs {
		e := valueGo(x[off], params, stride)
		if !(e <= top) {
			won, top = t, e
		}
		if e != e {
			top = float32(math.Inf(1)) // which only a later NaN beats
		}
	}
	if top <= 0 {
		return won, 0
	}
	return won, dy
}

// normPoolSumsGo adds the gradient of v and its products with x-mean to sum and dot.
func normPoolSumsGo(sum, dot, x, dy, params []float32, square bool, points, row, stride, n int) {
	offs := windowOffs(square, row, n)
	for p := range points {
		for c := range n {
			x := x[2*p*n+c:]
			won, d := dealtGo(x, params[c:], offs, stride, dy[p*n+c])
			sum[c] += d
			dot[c] += d * (x[offs[won]] - params[meanRow*stride+c])
		}
	}
}

// normPoolGradGo computes dx = scale·d + (p·(x-mean) + q), where d is the gradient
// of v.
func normPoolGradGo(dx, x, dy, params []float32, square bool, points, row, stride, n int) {
	offs := windowOffs(square, row, n)
	for p := range points {
		for c := range n {
			dx, x := dx[2*p*n+c:], x[2*p*n+c:]
			won, d := dealtGo(x, params[c:], offs, stride, dy[p*n+c])
			for t, off := range offs {
				part := d
				if t != won {
					part = 0
				}
				dx[off] = params[scaleRow*stride+c]*part +
					(params[pRow*stride+c]*(x[off]-params[meanRow*stride+c]) + params[qRow*stride+c])
			}
		}
	}
}
