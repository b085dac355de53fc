package winograd

import (
	"math"
	"slices"
)

// The points at which the polynomials are evaluated are 0, ±p, ±q and ∞. That pq
// is 1 saves multiplications; that no power is far from 1 saves bits.
const (
	p, q = math.Sqrt2 / 2, math.Sqrt2
	a, b = p * p, q * q
	atP  = 1 / (2 * a * (a - b)) // 1/Π(p - other point)
	atQ  = 1 / (2 * b * (b - a))
)

// inputRow multiplies by Bᵀ.
func inputRow(d [6]float32) [6]float32 {
	evenP, oddP := d[4]-b*d[2], p*(d[3]-b*d[1])
	evenQ, oddQ := d[4]-a*d[2], q*(d[3]-a*d[1])
	return [6]float32{
		d[0] - (a+b)*d[2] + d[4],
		evenP + oddP, evenP - oddP,
		evenQ + oddQ, evenQ - oddQ,
		d[1] - (a+b)*d[3] + d[5],
	}
}

// powers are those of p and q, times a scale of each.
type powers struct{ p, q [5]float32 }

// A and G consist of the powers of the points, as many as there are outputs or
// taps, those of G scaled.
var (
	powersA = powers{
		[5]float32{1, p, a, a * p, a * a},
		[5]float32{1, q, b, b * q, b * b},
	}
	powersG = powers{
		[5]float32{atP, atP * p, atP * a, atP * a * p, atP * a * a},
		[5]float32{atQ, atQ * q, atQ * b, atQ * b * q, atQ * b * b},
	}
)

// evaluate multiplies by A or G: it evaluates a polynomial of two coefficients at
// least.
func (t *powers) evaluate(x []float32) [6]float32 {
	evenP, oddP, evenQ, oddQ := t.p[0]*x[0], t.p[1]*x[1], t.q[0]*x[0], t.q[1]*x[1]
	for i := 2; i < len(x); i++ {
		if i%2 == 0 {
			evenP += t.p[i] * x[i]
			evenQ += t.q[i] * x[i]
		} else {
			oddP += t.p[i] * x[i]
			oddQ += t.q[i] * x[i]
		}
	}
	return [6]float32{
		x[0],
		evenP + oddP, evenP - oddP,
		evenQ + oddQ, evenQ - oddQ,
		x[len(x)-1],
	}
}

// sum multiplies by Aᵀ or Gᵀ, of len(x) rows.
func (t *powers) sum(x []float32, m *[6]float32) {
	evenP, oddP := m[1]+m[2], m[1]-m[2]
	evenQ, oddQ := m[3]+m[4], m[3]-m[4]
	for i := range x {
		if i%2 == 0 {
			x[i] = t.p[i]*evenP + t.q[i]*evenQ
		} else {
			x[i] = t.p[i]*oddP + t.q[i]*oddQ
		}
	}
	x[0] += m[0]
	x[len(x)-1] += m[5]
}

// read returns pixel (i, j) of a window, channel ch, or 0 outside the image.
func (w *window) read(x []float32, i, j, ch int) float32 {
	if (w.rows>>i)&(w.cols>>j)&1 == 0 {
		return 0
	}
	return x[w.offset+i*w.row+j*w.pixel+ch]
}

// inputGo computes V = Bᵀ d B for every channel of a window d of 6 x 6 pixels:
// point (i, j) of channel ch becomes v[(6i+j)·step+ch].
func inputGo(v []float32, step int, x []float32, w *window, c int) {
	var half [6][6]float32
	for ch := range c {
		for j := range 6 {
			var d [6]float32
			for i := range d {
				d[i] = w.read(x, i, j, ch)
			}
			for i, f := range inputRow(d) {
				half[i][j] = f
			}
		}
		for i := range half {
			for j, f := range inputRow(half[i]) {
				v[(6*i+j)*step+ch] = f
			}
		}
	}
}

// gradientGo computes Z = A dy Aᵀ for every channel of a window of the pixels that
// are made with filters of k x k, in the order of inputGo.
func gradientGo(z []float32, step int, dy []float32, w *window, c, k int) {
	var half [6][maxSide]float32
	side := outSide(k)
	for ch := range c {
		for j := range side {
			var d [maxSide]float32
			for i := range side {
				d[i] = w.read(dy, i, j, ch)
			}
			for i, f := range powersA.evaluate(d[:side]) {
				half[i][j] = f
			}
		}
		for i := range half {
			for j, f := range powersA.evaluate(half[i][:side]) {
				z[(6*i+j)*step+ch] = f
			}
		}
	}
}

// outputGo computes y = max(low, Aᵀ m A + bias) for every channel, m in the order
// of inputGo, and writes those of the pixels that lie in the image.
func outputGo(y []float32, w *window, m []float32, step int, bias []float32, low float32, c, k int) {
	var half [maxSide][6]float32
	var row [maxSide]float32
	side := outSide(k)
	for ch := range c {
		for j := range 6 {
			var d [6]float32
			for i := range d {
				d[i] = m[(6*i+j)*step+ch]
			}
			powersA.sum(row[:side], &d)
			for i, f := range row[:side] {
				half[i][j] = f
			}
		}
		for i := range side {
			powersA.sum(row[:side], &half[i])
			for j, f := range row[:side] {
				if (w.rows>>i)&(w.cols>>j)&1 != 0 {
					y[w.offset+i*w.row+j*w.pixel+ch] = max(low, f+bias[ch]) // NaN stays NaN
				}
			}
		}
	}
}

// filterGo computes U = G g Gᵀ for rows filters of k x k side by side, n times:
// filter r of a turn starts at w[turn·next+r·rowStep], its point (i, j) becomes
// u[turn·nextOut+(6i+j)·step+r]. If flipped, g is rotated by half a turn.
func filterGo(rows, n int, w []float32, rowStep, next int, u []float32, nextOut, step, k int, flipped bool) {
	var half [6][5]float32
	var taps [maxTaps]float32
	g := taps[:k*k]
	for turn := range n {
		for r := range rows {
			copy(g, w[turn*next+r*rowStep:])
			if flipped {
				slices.Reverse(g)
			}
			for j := range k {
				var col [5]float32
				for i := range k {
					col[i] = g[k*i+j]
				}
				for i, f := range powersG.evaluate(col[:k]) {
					half[i][j] = f
				}
			}
			for i := range half {
				for j, f := range powersG.evaluate(half[i][:k]) {
					u[turn*nextOut+(6*i+j)*step+r] = f
				}
			}
		}
	}
}

// filterGradientGo computes dg = Gᵀ m G for rows filters of k x k side by side, n
// times: point (i, j) of filter r in a turn is m[turn·next+(6i+j)·step+r], the
// result goes to the k·k places from w[turn·nextOut+r·rowStep].
func filterGradientGo(rows, n int, m []float32, next, step int, w []float32, rowStep, nextOut, k int) {
	var half [5][6]float32
	var col [5]float32
	for turn := range n {
		for r := range rows {
			for j := range 6 {
				var d [6]float32
				for i := range d {
					d[i] = m[turn*next+(6*i+j)*step+r]
				}
				powersG.sum(col[:k], &d)
				for i, f := range col[:k] {
					half[i][j] = f
				}
			}
			for i := range k {
				powersG.sum(w[turn*nextOut+r*rowStep+k*i:][:k], &half[i])
			}
		}
	}
}

func addGo(dst, src []float32) {
	for i, f := range src[:len(dst)] {
		dst[i] += f
	}
}
