package channels

import "github.com/thinnet/thinnet/internal/kernel/pool"

// pieceSize is what the first-level cache holds twice over, for two passes.
const pieceSize = 1 << 12

// GroupMoments computes the mean and the biased variance of each group of x, of
// shape (outer, groups, inner). outer and inner must not be 0. A group with a NaN or an
// infinity has a variance of NaN and no finite mean.
func GroupMoments(mean, variance, x []float32, outer, groups, inner int) {
	mem := Borrow()
	n := outer * groups
	buf := mem.Floats(2 * n)
	pool.Run(n, max(1, callSize/inner), rowsMoments{buf[:n], buf[n:], x, inner})
	pool.Run(groups, max(1, callSize/8/outer), groupMoments{mean, variance, buf[:n], buf[n:], x, outer, groups, inner})
	mem.GiveBack()
}

// rowsMoments are those of single rows; the mean lacks the row's first element.
type rowsMoments struct {
	mean, m2, x []float32
	n           int
}

func (j *rowsMoments) Do(lo, hi int) {
	if j.n <= pieceSize {
		rowMoments(j.mean[lo:hi], j.m2[lo:], j.x[lo*j.n:], j.n)
		return
	}
	for r := lo; r < hi; r++ {
		j.mean[r], j.m2[r] = longMoments(j.x[r*j.n:][:j.n])
	}
}

// longMoments takes a row piece by piece.
func longMoments(x []float32) (mean, m2 float32) {
	var m, squares, count float64
	var part [2]float32
	first := float64(x[0])
	for len(x) > 0 {
		n := min(len(x), pieceSize)
		rowMoments(part[:1], part[1:], x, n)
		d := float64(part[0]) + float64(x[0]) - first - m
		w := float64(n) / (count + float64(n))
		squares += float64(part[1]) + d*d*count*w
		m += d * w
		count += float64(n)
		x = x[n:]
	}
	return float32(m), float32(squares)
}

// groupMoments merges the rows of groups.
type groupMoments struct {
	mean, variance, rowMean, rowM2, x []float32
	outer, groups, inner              int
}

func (j *groupMoments) Do(lo, hi int) {
	for g := lo; g < hi; g++ {
		var sum, squares float64
		for r := g; r < len(j.rowMean); r += j.groups {
			sum += float64(j.rowMean[r]) + float64(j.x[r*j.inner])
		}
		mean := sum / float64(j.outer)
		for r := g; r < len(j.rowMean); r += j.groups {
			d := float64(j.rowMean[r]) + float64(j.x[r*j.inner]) - mean
			squares += float64(j.rowM2[r]) + float64(j.inner)*d*d
		}
		j.mean[g], j.variance[g] = float32(mean), float32(squares/float64(j.outer*j.inner))
	}
}
