package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// LayerAffine computes y = (x-mean[r])·a[r]·gamma[c] + beta[c] for row r and column
// c, and the maximum of that and 0 if relu; NaN stays NaN. y may be x.
func LayerAffine(y, x, mean, a, gamma, beta []float32, relu bool) {
	if len(gamma) == 0 {
		return
	}
	r := runsOf(len(a), len(gamma))
	pool.Run(r.units(), r.grain(), layerForward{y, x, mean, a, gamma, beta, r, relu})
}

type layerForward struct {
	y, x, mean, a, gamma, beta []float32
	runs
	relu bool
}

func (j *layerForward) Do(lo, hi int) {
	for u := lo; u < hi; {
		row, end, from, n := j.rowsAt(u, hi)
		c := from - row*j.n
		layerAffine(j.y[from:], j.x[from:], j.mean[row:], j.a[row:end], j.gamma[c:][:n], j.beta[c:], j.relu)
		u += end - row
	}
}

// LayerSums computes Σ dy and Σ dy·(x-mean[r])·a[r] of each column over the rows r.
func LayerSums(sum, dot []float64, x, dy, mean, a []float32) {
	if len(sum)*len(a) == 0 {
		clear(sum)
		clear(dot)
		return
	}
	m := matrix{c: len(sum), k: 1, width: len(sum), rows: len(a)}
	mem := Borrow()
	partial := mem.Floats(m.sums() * 2 * m.width)
	pool.Run(m.rows, m.sumGrain(), layerPartials{partial, x, dy, mean, a, m})
	pool.Run(m.c, max(1, callSize/8/m.sums()), merge{sum, dot, partial, m})
	mem.GiveBack()
}

type layerPartials struct {
	partial, x, dy, mean, a []float32
	m                       matrix
}

func (j *layerPartials) Do(lo, hi int) {
	w := j.m.width
	part := j.partial[lo/j.m.sumGrain()*2*w:][:2*w]
	clear(part)
	block := blockRows(w)
	for r := lo; r < hi; r += block {
		end := min(r+block, hi)
		for c := 0; c < w; c += callSize { // several only for one row
			n, e := min(callSize, w-c), r*w+c
			layerSums(part[c:][:n], part[w+c:], j.x[e:], j.dy[e:], j.mean[r:], j.a[r:end])
		}
	}
}

// LayerGrad computes, for each row r, h = dy·gamma and xhat = (x-mean[r])·rstd[r],
//
//	dx = (h - mean(h) - xhat·mean(h·xhat))·rstd[r]
//
// with the means over the row. dx may be x or dy.
func LayerGrad(dx, x, dy, gamma, mean, rstd []float32) {
	if len(gamma) == 0 {
		return
	}
	pool.Run(len(mean), max(1, callSize/len(gamma)), layerBackward{dx, x, dy, gamma, mean, rstd})
}

type layerBackward struct{ dx, x, dy, gamma, mean, rstd []float32 }

func (j *layerBackward) Do(lo, hi int) {
	cut := runsOf(hi-lo, len(j.gamma))
	mem := Borrow()
	buf := mem.Floats(2*cut.rows + 2*cut.units())
	p, q, buf := buf[:cut.rows], buf[cut.rows:2*cut.rows], buf[2*cut.rows:]
	sum, dot := buf[:cut.units()], buf[cut.units():]
	first := lo * cut.n
	dx, x, dy, mean, rstd := j.dx[first:], j.x[first:], j.dy[first:], j.mean[lo:hi], j.rstd[lo:hi]
	for u := 0; u < cut.units(); {
		row, end, from, n := cut.rowsAt(u, cut.units())
		layerDots(sum[u:], dot[u:], x[from:], dy[from:], j.gamma[from-row*cut.n:][:n], mean[row:end])
		u += end - row
	}
	for i := range p {
		s, d := cut.total(sum, i), cut.total(dot, i)
		r := float64(rstd[i])
		p[i], q[i] = Coefficients(s, d, r, r, float64(cut.n))
	}
	for u := 0; u < cut.units(); {
		row, end, from, n := cut.rowsAt(u, cut.units())
		layerGrad(dx[from:], x[from:], dy[from:], j.gamma[from-row*cut.n:][:n], mean[row:], rstd[row:end], p[row:], q[row:])
		u += end - row
	}
	mem.GiveBack()
}

// Coefficients returns the p and q with which
//
//	a·dy + p·(x-mean) + q = a·(dy - sum/n - (x-mean)·rstd²·dot/n)
//
// where sum is Σ dy and dot is Σ dy·(x-mean) over n elements.
func Coefficients(sum, dot, rstd, a, n float64) (p, q float32) {
	return float32(-a * rstd * rstd * dot / n), float32(-a * sum / n)
}

// GroupGrad is LayerGrad with a gamma for each run of inner elements, of which
// rows make up a group with one mean: gamma[c] belongs to run c, and again to run
// c+len(gamma). dx may be x or dy.
func GroupGrad(dx, x, dy, gamma, mean, rstd []float32, rows, inner int) {
	if rows*inner == 0 {
		return
	}
	pool.Run(len(mean), max(1, callSize/(rows*inner)), groupBackward{dx, x, dy, gamma, mean, rstd, runsOf(rows, inner)})
}

type groupBackward struct {
	dx, x, dy, gamma, mean, rstd []float32
	runs                         // of one group
}

func (j *groupBackward) Do(lo, hi int) {
	mem := Borrow()
	units := j.units()
	buf := mem.Floats(4*j.rows + 2*units)
	row := func(k int) []float32 { return buf[k*j.rows:][:j.rows] }
	a, p, q, mean := row(0), row(1), row(2), row(3)
	sum, dot := buf[4*j.rows:][:units], buf[4*j.rows+units:]
	for g := lo; g < hi; g++ {
		first := g * j.rows * j.n
		dx, x, dy := j.dx[first:], j.x[first:], j.dy[first:]
		for i := range mean {
			mean[i] = j.mean[g]
		}
		for u := 0; u < units; {
			row, end, from, n := j.rowsAt(u, min(u+j.grain(), units))
			rowSums(sum[u:], dot[u:], x[from:], dy[from:], mean[row:end], nil, nil, n)
			u += end - row
		}
		var s, d float64
		for i := range a {
			k := float64(j.gamma[(g*j.rows+i)%len(j.gamma)])
			a[i] = float32(k * float64(j.rstd[g]))
			s += k * j.total(sum, i)
			d += k * j.total(dot, i)
		}
		r := float64(j.rstd[g])
		p[0], q[0] = Coefficients(s, d, r, r, float64(j.rows*j.n))
		for i := range p {
			p[i], q[i] = p[0], q[0]
		}
		for u := 0; u < units; {
			row, end, from, n := j.rowsAt(u, min(u+j.grain(), units))
			rowGrad(dx[from:], x[from:], dy[from:], mean[row:], a[row:end], p[row:], q[row:], nil, n)
			u += end - row
		}
	}
	mem.GiveBack()
}
