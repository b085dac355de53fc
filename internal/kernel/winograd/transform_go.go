package winograd

import "math"

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

// outputRow multiplies by Aᵀ.
func outputRow(m [6]float32) [4]float32 {
	evenP, oddP := m[1]+m[2], m[1]-m[2]
	evenQ, oddQ := m[3]+m[4], m[3]-m[4]
	return [4]float32{
		m[0] + evenP + evenQ,
		p*oddP + q*oddQ,
		a*evenP + b*evenQ,
		p*p*p*oddP + q*q*q*oddQ + m[5],
	}
}

// gradientRow multiplies by A.
func gradientRow(y [4]float32) [6]float32 {
	evenP, oddP := y[0]+a*y[2], p*(y[1]+a*y[3])
	evenQ, oddQ := y[0]+b*y[2], q*(y[1]+b*y[3])
	return [6]float32{
		y[0],
		evenP + oddP, evenP - oddP,
		evenQ + oddQ, evenQ - oddQ,
		y[3],
	}
}

// filterRow multiplies by G.
func filterRow(g [3]float32) [6]float32 {
	evenP, oddP := atP*g[0]+a*atP*g[2], p*atP*g[1]
	evenQ, oddQ := atQ*g[0]+b*atQ*g[2], q*atQ*g[1]
	return [6]float32{
		g[0],
		evenP + oddP, evenP - oddP,
		evenQ + oddQ, evenQ - oddQ,
		g[2],
	}
}

// filterGradientRow multiplies by Gᵀ.
func filterGradientRow(m [6]float32) [3]float32 {
	evenP, oddP := atP*(m[1]+m[2]), p*atP*(m[1]-m[2])
	evenQ, oddQ := atQ*(m[3]+m[4]), q*atQ*(m[3]-m[4])
	return [3]float32{
		m[0] + evenP + evenQ,
		oddP + oddQ,
		a*evenP + b*evenQ + m[5],
	}
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

// gradientGo computes Z = A dy Aᵀ for every channel of a window of 4 x 4 pixels,
// in the order of inputGo.
func gradientGo(z []float32, step int, dy []float32, w *window, c int) {
	var half [6][4]float32
	for ch := range c {
		for j := range 4 {
			var d [4]float32
			for i := range d {
				d[i] = w.read(dy, i, j, ch)
			}
			for i, f := range gradientRow(d) {
				half[i][j] = f
			}
		}
		for i := range half {
			for j, f := range gradientRow(half[i]) {
				z[(6*i+j)*step+ch] = f
			}
		}
	}
}

// outputGo computes y = max(low, Aᵀ m A + bias) for every channel, m in the order
// of inputGo, and writes those of the 4 x 4 pixels that lie in the image.
func outputGo(y []float32, w *window, m []float32, step int, bias []float32, low float32, c int) {
	var half [4][6]float32
	for ch := range c {
		for j := range 6 {
			var d [6]float32
			for i := range d {
				d[i] = m[(6*i+j)*step+ch]
			}
			for i, f := range outputRow(d) {
				half[i][j] = f
			}
		}
		for i := range half {
			for j, f := range outputRow(half[i]) {
				if (w.rows>>i)&(w.cols>>j)&1 != 0 {
					y[w.offset+i*w.row+j*w.pixel+ch] = max(low, f+bias[ch]) // NaN stays NaN
				}
			}
		}
	}
}

// filterGo computes U = G g Gᵀ for rows filters side by side, n times: filter r
// of turn k starts at w[k·next+r·rowStep], its point (i, j) becomes
// u[k·nextOut+(6i+j)·step+r]. If flipped, g is rotated by half a turn.
func filterGo(rows, n int, w []float32, rowStep, next int, u []float32, nextOut, step int, flipped bool) {
	var half [6][3]float32
	for k := range n {
		for r := range rows {
			var g [9]float32
			copy(g[:], w[k*next+r*rowStep:])
			if flipped {
				for i := range 4 {
					g[i], g[8-i] = g[8-i], g[i]
				}
			}
			for j := range 3 {
				for i, f := range filterRow([3]float32{g[j], g[3+j], g[6+j]}) {
					half[i][j] = f
				}
			}
			for i := range half {
				for j, f := range filterRow(half[i]) {
					u[k*nextOut+(6*i+j)*step+r] = f
				}
			}
		}
	}
}

// filterGradientGo computes dg = Gᵀ m G for rows filters side by side, n times:
// point (i, j) of filter r in turn k is m[k·next+(6i+j)·step+r], the result goes
// to the nine places from w[k·nextOut+r·rowStep].
func filterGradientGo(rows, n int, m []float32, next, step int, w []float32, rowStep, nextOut int) {
	var half [3][6]float32
	for k := range n {
		for r := range rows {
			for j := range 6 {
				var d [6]float32
				for i := range d {
					d[i] = m[k*next+(6*i+j)*step+r]
				}
				for i, f := range filterGradientRow(d) {
					half[i][j] = f
				}
			}
			for i := range half {
				for j, f := range filterGradientRow(half[i]) {
					w[k*nextOut+r*rowStep+3*i+j] = f
				}
			}
		}
	}
}

func addGo(dst, src []float32) {
	for i, f := range src[:len(dst)] {
		dst[i] += f
	}
}
