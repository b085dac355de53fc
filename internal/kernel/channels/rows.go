package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// runs are rows of n elements, cut into pieces where one is too long for a call.
type runs struct{ rows, n, pieces int }

func runsOf(rows, n int) runs {
	return runs{rows, n, max(1, (n+callSize-1)/callSize)}
}

// units is what a job counts: the pieces of all rows.
func (r runs) units() int { return r.rows * r.pieces }

func (r runs) grain() int { return max(1, callSize/max(1, r.n)) }

// piece returns the row of a unit and where the unit lies.
func (r runs) piece(u int) (row, lo, hi int) {
	row = u / r.pieces
	lo = row*r.n + u%r.pieces*callSize
	return row, lo, min(lo+callSize, (row+1)*r.n)
}

// RowAffine computes y = x·a[r] + b[r] for each row r of n elements, and the
// maximum of that and 0 if relu; NaN stays NaN. y may be x.
func RowAffine(y, x, a, b []float32, n int, relu bool) {
	if n == 0 {
		return
	}
	r := runsOf(len(a), n)
	pool.Run(r.units(), r.grain(), affineRows{y, x, a, b, r, relu})
}

type affineRows struct {
	y, x, a, b []float32
	runs
	relu bool
}

func (j *affineRows) Do(lo, hi int) {
	if j.pieces == 1 {
		rowAffine(j.y[lo*j.n:], j.x[lo*j.n:], j.a[lo:hi], j.b[lo:], j.n, j.relu)
		return
	}
	for u := lo; u < hi; u++ {
		row, from, to := j.piece(u)
		rowAffine(j.y[from:], j.x[from:], j.a[row:row+1], j.b[row:], to-from, j.relu)
	}
}

// RowGrad computes the gradient for x and dy of rows of n elements. dx may be x or
// dy.
func RowGrad(dx, x, dy []float32, k Gradient, n int) {
	if n == 0 {
		return
	}
	r := runsOf(len(k.A), n)
	pool.Run(r.units(), r.grain(), gradRows{dx, x, dy, k, r})
}

type gradRows struct {
	dx, x, dy []float32
	k         Gradient
	runs
}

func (j *gradRows) Do(lo, hi int) {
	for u := lo; u < hi; {
		row, from, to := j.piece(u)
		end := row + 1
		if j.pieces == 1 {
			end, to = hi, from+j.n
		}
		var b []float32
		if j.k.B != nil {
			b = j.k.B[row:]
		}
		rowGrad(j.dx[from:], j.x[from:], j.dy[from:], j.k.A[row:end], j.k.P[row:], j.k.Q[row:], b, to-from)
		u += end - row
	}
}

// RowSums computes Σ dy and Σ dy·(x-mean[r]) of each row r of n elements. With a
// and b, dy counts as 0 where x·a[r] + b[r] ≤ 0.
func RowSums(sum, dot []float64, x, dy, mean, a, b []float32, n int) {
	r := runsOf(len(mean), n)
	mem := Borrow()
	partial := mem.Floats(2 * r.units())
	pool.Run(r.units(), r.grain(), sumsOfRows{partial, x, dy, mean, a, b, r})
	for row := range mean {
		sum[row], dot[row] = 0, 0
		for u := row * r.pieces; u < (row+1)*r.pieces; u++ {
			sum[row] += float64(partial[u])
			dot[row] += float64(partial[r.units()+u])
		}
	}
	mem.GiveBack()
}

type sumsOfRows struct {
	partial, x, dy, mean, a, b []float32
	runs
}

func (j *sumsOfRows) Do(lo, hi int) {
	sum, dot := j.partial[:j.units()], j.partial[j.units():]
	for u := lo; u < hi; {
		row, from, to := j.piece(u)
		end := row + 1
		if j.pieces == 1 {
			end, to = hi, from+j.n
		}
		var a, b []float32
		if j.a != nil {
			a, b = j.a[row:], j.b[row:]
		}
		rowSums(sum[u:], dot[u:], j.x[from:], j.dy[from:], j.mean[row:end], a, b, to-from)
		u += end - row
	}
}
