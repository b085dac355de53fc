package convlast

import "github.com/thinnet/thinnet/internal/kernel/vec"

// A sumJob adds up the sums of the chunks, (groups, channels and taps, outputs of
// a group), and transposes them to the order of w.
type sumJob struct {
	*weights
	sums, dw []float32
}

// sumRows is the number of rows that a unit handles: two cache lines of w.
const sumRows = 32

// Do handles blocks of the rows of a group.
func (j *sumJob) Do(lo, hi int) {
	rows := j.rows()
	blocks := ceil(rows, sumRows)
	for u := lo; u < hi; u++ {
		group, row := u/blocks, u%blocks*sumRows
		n := min(sumRows, rows-row)
		first := (group*rows + row) * j.cout
		sum := j.sums[first:][:n*j.cout]
		for chunk := 1; chunk < j.chunks; chunk++ {
			vec.Add(sum, sum, j.sums[chunk*j.size()+first:][:n*j.cout])
		}
		vec.Transpose(j.dw[group*rows*j.cout+row:], sum, n, j.cout, rows, j.cout)
	}
}
