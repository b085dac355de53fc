package channels

import "math"

// The loops of pooling in Go. offs says how far beyond the first tap of a point
// the taps of its window are, step how far apart the first taps of neighbours are,
// and n is the number of channels.

// maxTapsGo computes the largest element of each window, NaN if there is one.
func maxTapsGo(y, x []float32, offs []int, points, step, n int) {
	for p := range points {
		y := y[p*n:][:n]
		for c := range y {
			y[c] = float32(math.Inf(-1))
		}
		for _, off := range offs {
			for c, v := range x[p*step+off:][:n] {
				y[c] = max(y[c], v)
			}
		}
	}
}

// sumTapsGo computes the sum of each window divided by count.
func sumTapsGo(y, x []float32, offs []int, points, step, n int, count float32) {
	for p := range points {
		y := y[p*n:][:n]
		clear(y)
		for _, off := range offs {
			for c, v := range x[p*step+off:][:n] {
				y[c] += v
			}
		}
		for c := range y {
			y[c] /= count
		}
	}
}

// addTapsGo adds dy divided by count to each element of its window.
func addTapsGo(dx, dy []float32, offs []int, points, step, n int, count float32) {
	for p := range points {
		for _, off := range offs {
			dx := dx[p*step+off:][:n]
			for c, d := range dy[p*n:][:n] {
				dx[c] += d / count
			}
		}
	}
}

// setTapsGo writes dy divided by count to each element of its window.
func setTapsGo(dx, dy []float32, offs []int, points, step, n int, count float32) {
	for p := range points {
		for _, off := range offs {
			dx := dx[p*step+off:][:n]
			for c, d := range dy[p*n:][:n] {
				dx[c] = d / count
			}
		}
	}
}

// maxTapsGradGo adds dy to the element of its window that takes the gradient: to
// the first of the largest, or to the last NaN if there is one.
func maxTapsGradGo(dx, x, dy []float32, offs []int, points, step, n int) {
	for p := range points {
		for c, d := range dy[p*n:][:n] {
			dx[p*step+c+winner(x[p*step+c:], offs)] += d
		}
	}
}

func winner(x []float32, offs []int) int {
	won, top := 0, x[offs[0]]
	for t, off := range offs {
		if e := x[off]; e > top || e != e {
			won, top = t, e
		}
		if top != top {
			top = float32(math.Inf(1)) // which only a later NaN beats
		}
	}
	return offs[won]
}

// squareOffs are the taps of a window of 2 by 2.
func squareOffs(row, n int) [4]int { return [4]int{0, n, row, row + n} }

func maxSquaresGo(y, x []float32, points, row, n int) {
	offs := squareOffs(row, n)
	maxTapsGo(y, x, offs[:], points, 2*n, n)
}

// maxSquaresGradGo writes dy to the element of its window that takes the gradient,
// and 0 to the three others.
func maxSquaresGradGo(dx, x, dy []float32, points, row, n int) {
	clear(dx[:2*points*n])
	clear(dx[row:][:2*points*n])
	offs := squareOffs(row, n)
	maxTapsGradGo(dx, x, dy, offs[:], points, 2*n, n)
}
