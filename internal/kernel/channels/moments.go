package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// Moments computes the mean and the biased variance of each of the c columns of x
// in one pass. A column with a NaN or an infinity has a variance of NaN,
// and no finite mean.
//
// Numbers are taken relative to the first of their chunk, and blocks of eight are
// merged by the formula of Chan et al., so that neither a large mean nor an
// outlier cancels the variance. There must be a row.
func Moments(mean, variance, x []float32, rows, c int) {
	if c == 0 {
		return
	}
	m := fold(rows, c)
	mem := Borrow()
	partial := mem.Floats(m.sums() * 2 * m.width)
	pool.Run(m.rows, m.sumGrain(), momentSums{partial, x, m})
	pool.Run(c, max(1, callSize/8/(m.sums()*m.k)), momentsOf{mean, variance, partial, x, m})
	mem.GiveBack()
}

// momentSums makes the partial moments of wide rows.
type momentSums struct {
	partial, x []float32
	m          matrix
}

func (j *momentSums) Do(lo, hi int) {
	w := j.m.width
	part := j.partial[lo/j.m.sumGrain()*2*w:][:2*w]
	clear(part)
	mean, m2, shift := part[:w], part[w:], j.x[lo*w:][:w]
	block := blockRows(w)
	for r := lo; r < hi; r += block {
		columnMoments(mean, m2, j.x[r*w:], shift, min(block, hi-r), r-lo)
	}
	if hi == j.m.rows && j.m.tail > 0 {
		t := j.m.tail
		columnMoments(mean[:t], m2, j.x[hi*w:], shift, 1, hi-lo)
	}
}

// momentsOf merges the partial moments of columns.
type momentsOf struct {
	mean, variance, partial, x []float32
	m                          matrix
}

func (j *momentsOf) Do(lo, hi int) {
	mem := Borrow()
	buf := mem.Doubles(2 * (hi - lo))
	sum, squares := buf[:hi-lo], buf[hi-lo:]
	clear(buf)
	total := float64(j.m.rows*j.m.k + j.m.tail/j.m.c)
	j.each(lo, hi, func(n float64, mean, _, shift []float32) {
		for i, v := range mean {
			sum[i] += n * (float64(v) + float64(shift[i]))
		}
	})
	for i := range sum {
		sum[i] /= total
	}
	j.each(lo, hi, func(n float64, mean, m2, shift []float32) {
		for i, v := range mean {
			d := float64(v) + float64(shift[i]) - sum[i]
			squares[i] += float64(m2[i]) + n*d*d
		}
	})
	for i := range sum {
		j.mean[lo+i], j.variance[lo+i] = float32(sum[i]), float32(squares[i]/total)
	}
	mem.GiveBack()
}

// each calls f for every partial moment of the columns [lo, hi) with the number
// of rows that went into it.
func (j *momentsOf) each(lo, hi int, f func(n float64, mean, m2, shift []float32)) {
	w := j.m.width
	for r := 0; r < j.m.rows; r += j.m.sumGrain() {
		end := min(r+j.m.sumGrain(), j.m.rows)
		part, shift := j.partial[r/j.m.sumGrain()*2*w:], j.x[r*w:]
		for e := 0; e < w; e += j.m.c {
			n := end - r
			if end == j.m.rows && e < j.m.tail {
				n++
			}
			f(float64(n), part[e+lo:][:hi-lo], part[w+e+lo:][:hi-lo], shift[e+lo:][:hi-lo])
		}
	}
}
