package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// A Map is the coefficients of a normalisation, one of each for a column or a row:
//
//	y = (x-mean)·a + b
type Map struct{ Mean, A, B []float32 }

// Affine computes that for x of rows by c columns, and the maximum of that and 0 if
// relu; NaN stays NaN. y may be x.
func Affine(y, x []float32, k Map, rows, c int, relu bool) {
	if rows*c == 0 {
		return
	}
	m := fold(rows, c)
	mem := Borrow()
	k = m.repeatMap(mem.Floats(3*m.width), k)
	pool.Run(m.rows, m.grain(), affine{y, x, k, m.width, relu})
	if m.tail > 0 {
		e := m.rows * m.width
		columnAffine(y[e:], x[e:], k.Mean, k.A[:m.tail], k.B, 1, relu)
	}
	mem.GiveBack()
}

// repeatMap is repeat for all coefficients that there are.
func (m matrix) repeatMap(buf []float32, k Map) Map {
	k.Mean = m.repeat(buf, k.Mean)
	if k.A != nil {
		k.A, k.B = m.repeat(buf[m.width:], k.A), m.repeat(buf[2*m.width:], k.B)
	}
	return k
}

type affine struct {
	y, x  []float32
	k     Map
	width int
	relu  bool
}

func (j *affine) Do(lo, hi int) {
	lo, hi = lo*j.width, hi*j.width
	columnAffine(j.y[lo:hi], j.x[lo:hi], j.k.Mean, j.k.A, j.k.B, (hi-lo)/j.width, j.relu)
}

// A Gradient is the coefficients of the gradient of a map:
//
//	dx = a·dy + p·(x-mean) + q
//
// If ReLU, dy counts as 0 where (x-mean)·a + b ≤ 0.
type Gradient struct {
	Map
	P, Q []float32
	ReLU bool
}

// b returns the coefficients b from row on, nil without a ReLU.
func (k *Gradient) b(row int) []float32 {
	if !k.ReLU {
		return nil
	}
	return k.B[row:]
}

// Grad computes the gradient for x and dy of rows by c columns. dx may be x or dy.
func Grad(dx, x, dy []float32, k Gradient, rows, c int) {
	if rows*c == 0 {
		return
	}
	m := fold(rows, c)
	mem := Borrow()
	buf := mem.Floats(5 * m.width)
	k.Map = m.repeatMap(buf, k.Map)
	k.P, k.Q = m.repeat(buf[3*m.width:], k.P), m.repeat(buf[4*m.width:], k.Q)
	pool.Run(m.rows, m.grain(), grad{dx, x, dy, k, m.width})
	if m.tail > 0 {
		e := m.rows * m.width
		columnGrad(dx[e:], x[e:], dy[e:], k.Mean, k.A[:m.tail], k.P, k.Q, k.b(0), 1)
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
	k := &j.k
	columnGrad(j.dx[lo:hi], j.x[lo:hi], j.dy[lo:hi], k.Mean, k.A, k.P, k.Q, k.b(0), (hi-lo)/j.width)
}
