package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// Sums computes Σ dy and Σ dy·(x-mean[c]) of each of the c columns of x and dy in
// one pass. If k has more than the mean, dy counts as 0 where (x-mean)·a + b ≤ 0:
// the sums are those of the gradient behind a ReLU.
func Sums(sum, dot []float64, x, dy []float32, k Map, rows, c int) {
	if rows*c == 0 {
		clear(sum)
		clear(dot)
		return
	}
	m := fold(rows, c)
	mem := Borrow()
	buf := mem.Floats((m.sums()*2 + 3) * m.width)
	params, partial := buf[:3*m.width], buf[3*m.width:]
	k = m.repeatMap(params, k)
	pool.Run(m.rows, m.sumGrain(), gradSums{partial, x, dy, k, m})
	pool.Run(c, max(1, callSize/8/(m.sums()*m.k)), merge{sum, dot, partial, m})
	mem.GiveBack()
}

// gradSums makes the partial sums of wide rows.
type gradSums struct {
	partial, x, dy []float32
	k              Map
	m              matrix
}

func (j *gradSums) Do(lo, hi int) {
	w := j.m.width
	part := j.partial[lo/j.m.sumGrain()*2*w:][:2*w]
	clear(part)
	sum, dot := part[:w], part[w:]
	block := blockRows(w)
	for r := lo; r < hi; r += block {
		columnSums(sum, dot, j.x[r*w:], j.dy[r*w:], j.k.Mean, j.k.A, j.k.B, min(block, hi-r))
	}
	if hi == j.m.rows && j.m.tail > 0 {
		columnSums(sum, dot, j.x[hi*w:], j.dy[hi*w:], j.k.Mean[:j.m.tail], j.k.A, j.k.B, 1)
	}
}

// merge adds up the partial sums of columns: of each chunk, two rows.
type merge struct {
	sum, dot []float64
	partial  []float32
	m        matrix
}

func (j *merge) Do(lo, hi int) {
	sum, dot := j.sum[lo:hi], j.dot[lo:hi]
	clear(sum)
	clear(dot)
	w := j.m.width
	for chunk := range j.m.sums() {
		part := j.partial[chunk*2*w:][:2*w]
		for e := lo; e < w; e += j.m.c {
			add(sum, part[e:])
			add(dot, part[w+e:])
		}
	}
}

func add(sum []float64, x []float32) {
	x = x[:len(sum)]
	for i, v := range x {
		sum[i] += float64(v)
	}
}
