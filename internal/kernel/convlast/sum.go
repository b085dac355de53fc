package convlast

import "github.com/thinnet/thinnet/internal/kernel/vec"

// A sumJob adds up the sums of the chunks, (groups, taps, channels, outputs of a
// group), and transposes them to the order of w, (groups, outputs, channels, taps).
type sumJob struct {
	*weights
	sums, dw []float32
}

// sumRows is how many rows, in the order of w, a unit handles: two cache lines.
const sumRows = 32

// Do handles blocks of the rows of a group.
func (j *sumJob) Do(lo, hi int) {
	rows := j.rows()
	blocks := ceil(rows, sumRows)
	s := jobs.Borrow(sumRows * j.cout)
	for u := lo; u < hi; u++ {
		group, first := u/blocks, u%blocks*sumRows
		n := min(sumRows, rows-first)
		for i := range n {
			c, tap := (first+i)/j.taps, (first+i)%j.taps
			from := (group*rows + tap*j.cin + c) * j.cout
			row := s.Numbers[i*j.cout:][:j.cout]
			copy(row, j.sums[from:])
			for chunk := 1; chunk < j.chunks; chunk++ {
				vec.Add(row, row, j.sums[chunk*j.size()+from:][:j.cout])
			}
		}
		vec.Transpose(j.dw[group*rows*j.cout+first:], s.Numbers, n, j.cout, rows, j.cout)
	}
	s.GiveBack()
}
