package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// Affine computes y = x·a[c] + b[c] for x of rows by c columns, and the maximum of
// that and 0 if relu; NaN stays NaN. y may be x.
func Affine(y, x, a, b []float32, rows, c int, relu bool) {
	m := fold(rows, c)
	if rows*c == 0 {
		return
	}
	mem := Borrow()
	buf := mem.Floats(2 * m.width)
	a, b = m.repeat(buf, a), m.repeat(buf[m.width:], b)
	pool.Run(m.rows, m.grain(), affine{y, x, a, b, m.width, relu})
	if m.tail > 0 {
		e := m.rows * m.width
		columnAffine(y[e:], x[e:], a[:m.tail], b, 1, relu)
	}
	mem.GiveBack()
}

type affine struct {
	y, x, a, b []float32
	width      int
	relu       bool
}

func (j *affine) Do(lo, hi int) {
	lo, hi = lo*j.width, hi*j.width
	columnAffine(j.y[lo:hi], j.x[lo:hi], j.a, j.b, (hi-lo)/j.width, j.relu)
}

// Gradient is the coefficients of a gradient, one of each for a column or a row:
//
//	dx = a·dy + p·x + q
//
// With a B, that of the forward pass, dy counts as 0 where x·a + b ≤ 0: the
// gradient goes through a ReLU.
type Gradient struct{ A, P, Q, B []float32 }

// Grad computes the gradient for x and dy of rows by c columns. dx may be x or dy.
func Grad(dx, x, dy []float32, k Gradient, rows, c int) {
	m := fold(rows, c)
	if rows*c == 0 {
		return
	}
	mem := Borrow()
	buf := mem.Floats(4 * m.width)
	k.A, k.P, k.Q = m.repeat(buf, k.A), m.repeat(buf[m.width:], k.P), m.repeat(buf[2*m.width:], k.Q)
	if k.B != nil {
		k.B = m.repeat(buf[3*m.width:], k.B)
	}
	pool.Run(m.rows, m.grain(), grad{dx, x, dy, k, m.width})
	if m.tail > 0 {
		e := m.rows * m.width
		columnGrad(dx[e:], x[e:], dy[e:], k.A[:m.tail], k.P, k.Q, k.B, 1)
	}
	mem.GiveBack()
}

type grad struct {
	dx, x, dy []float32
	k         Gradient
	width     int
}

func (j *grad) Do(lo, hi int) {
	lo, hi = lo*j.width, hi*j.width
	columnGrad(j.dx[lo:hi], j.x[lo:hi], j.dy[lo:hi], j.k.A, j.k.P, j.k.Q, j.k.B, (hi-lo)/j.width)
}
