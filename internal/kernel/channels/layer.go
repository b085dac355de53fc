package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// LayerAffine computes y = (x-mean[r])·a[r]·gamma[c] + beta[c] for row r and column
// c, and the maximum of that and 0 if relu; NaN stays NaN. y may be x.
func LayerAffine(y, x, mean, a, gamma, beta []float32, relu bool) {
	if len(gamma) == 0 {
		return
	}
	pool.Run(len(a), max(1, callSize/len(gamma)), layerForward{y, x, mean, a, gamma, beta, relu})
}

type layerForward struct {
	y, x, mean, a, gamma, beta []float32
	relu                       bool
}

func (j *layerForward) Do(lo, hi int) {
	e := lo * len(j.gamma)
	layerAffine(j.y[e:], j.x[e:], j.mean[lo:], j.a[lo:hi], j.gamma, j.beta, j.relu)
}

// LayerSums computes Σ dy and Σ dy·(x-mean[r])·a[r] of each column over the rows r.
func LayerSums(sum, dot []float64, x, dy, mean, a []float32) {
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
		layerSums(part[:w], part[w:], j.x[r*w:], j.dy[r*w:], j.mean[r:], j.a[r:end])
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
	mem := Borrow()
	n, rows := len(j.gamma), hi-lo
	p, q := mem.Floats(2 * rows)[:rows], mem.Floats(2 * rows)[rows:]
	e := lo * n
	layerDots(p, q, j.x[e:], j.dy[e:], j.gamma, j.mean[lo:hi])
	for i := range p {
		r := float64(j.rstd[lo+i])
		p[i], q[i] = Coefficients(float64(p[i]), float64(q[i]), r, r, float64(n))
	}
	layerGrad(j.dx[e:], j.x[e:], j.dy[e:], j.gamma, j.mean[lo:], j.rstd[lo:hi], p, q)
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
	pool.Run(len(mean), max(1, callSize/(rows*inner)), groupBackward{dx, x, dy, gamma, mean, rstd, rows, inner})
}

type groupBackward struct {
	dx, x, dy, gamma, mean, rstd []float32
	rows, inner                  int
}

func (j *groupBackward) Do(lo, hi int) {
	mem := Borrow()
	buf := mem.Floats(6 * j.rows)
	row := func(k int) []float32 { return buf[k*j.rows:][:j.rows] }
	a, p, q, sum, dot, mean := row(0), row(1), row(2), row(3), row(4), row(5)
	block := max(1, callSize/j.inner)
	for g := lo; g < hi; g++ {
		first := g * j.rows
		for i := range mean {
			mean[i] = j.mean[g]
		}
		for r := 0; r < j.rows; r += block {
			e, end := (first+r)*j.inner, min(r+block, j.rows)
			rowSums(sum[r:], dot[r:], j.x[e:], j.dy[e:], mean[r:end], nil, nil, j.inner)
		}
		var s, d float64
		for i := range a {
			k := float64(j.gamma[(first+i)%len(j.gamma)])
			a[i] = float32(k * float64(j.rstd[g]))
			s += k * float64(sum[i])
			d += k * float64(dot[i])
		}
		r := float64(j.rstd[g])
		p[0], q[0] = Coefficients(s, d, r, r, float64(j.rows*j.inner))
		for i := range p {
			p[i], q[i] = p[0], q[0]
		}
		for r := 0; r < j.rows; r += block {
			e, end := (first+r)*j.inner, min(r+block, j.rows)
			rowGrad(j.dx[e:], j.x[e:], j.dy[e:], mean[r:], a[r:end], p[r:], q[r:], nil, j.inner)
		}
	}
	mem.GiveBack()
}
