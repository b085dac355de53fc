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

// rowsAt returns the rows of one call for the units [u, hi), where they lie and
// how long they are: all of them, or a piece of one.
func (r runs) rowsAt(u, hi int) (row, end, from, n int) {
	if r.pieces == 1 {
		return u, hi, u * r.n, r.n
	}
	row = u / r.pieces
	done := u % r.pieces * callSize
	return row, row + 1, row*r.n + done, min(callSize, r.n-done)
}

// total adds up the partial sums of a row, one of each unit.
func (r runs) total(partial []float32, row int) (sum float64) {
	for _, v := range partial[row*r.pieces:][:r.pieces] {
		sum += float64(v)
	}
	return sum
}

// RowAffine is [Affine] with coefficients for each row of n elements.
func RowAffine(y, x []float32, k Map, n int, relu bool) {
	if n == 0 {
		return
	}
	r := runsOf(len(k.A), n)
	pool.Run(r.units(), r.grain(), affineRows{y, x, k, r, relu})
}

type affineRows struct {
	y, x []float32
	k    Map
	runs
	relu bool
}

func (j *affineRows) Do(lo, hi int) {
	for u := lo; u < hi; {
		row, end, from, n := j.rowsAt(u, hi)
		rowAffine(j.y[from:], j.x[from:], j.k.Mean[row:], j.k.A[row:end], j.k.B[row:], n, j.relu)
		u += end - row
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
	k := &j.k
	for u := lo; u < hi; {
		row, end, from, n := j.rowsAt(u, hi)
		rowGrad(j.dx[from:], j.x[from:], j.dy[from:], k.Mean[row:], k.A[row:end], k.P[row:], k.Q[row:], k.b(row), n)
		u += end - row
	}
}

// RowSums is [Sums] of each row of n elements.
func RowSums(sum, dot []float64, x, dy []float32, k Map, n int) {
	if n == 0 {
		clear(sum)
		clear(dot)
		return
	}
	r := runsOf(len(k.Mean), n)
	mem := Borrow()
	partial := mem.Floats(2 * r.units())
	pool.Run(r.units(), r.grain(), sumsOfRows{partial, x, dy, k, r})
	for row := range k.Mean {
		sum[row], dot[row] = r.total(partial, row), r.total(partial[r.units():], row)
	}
	mem.GiveBack()
}

type sumsOfRows struct {
	partial, x, dy []float32
	k              Map
	runs
}

func (j *sumsOfRows) Do(lo, hi int) {
	sum, dot := j.partial[:j.units()], j.partial[j.units():]
	for u := lo; u < hi; {
		row, end, from, n := j.rowsAt(u, hi)
		var a, b []float32
		if j.k.A != nil {
			a, b = j.k.A[row:], j.k.B[row:]
		}
		rowSums(sum[u:], dot[u:], j.x[from:], j.dy[from:], j.k.Mean[row:end], a, b, n)
		u += end - row
	}
}
