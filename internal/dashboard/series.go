package dashboard

import (
	"math"
	"strconv"
)

// maxRows is how many rows a series keeps: twice as many points as a chart has pixels
// would not be seen.
const maxRows = 2048

// A series is a table that grows by a row at a time and never past [maxRows]: when it is
// full, two neighbours become one, and from then on a row is the mean of twice as many.
// The first column is a position, the last one of those that are in the row.
type series struct {
	columns int
	rows    []float64 // columns for each
	halved  int       // how often it was
	stride  int       // how many make a row

	// the row that is not full yet
	at     float64
	sums   []float64 // of the columns after the first
	counts []int     // and how many of these are numbers
	n      int
}

func newSeries(columns int) *series {
	return &series{
		columns: columns, stride: 1,
		rows: make([]float64, 0, maxRows*columns), sums: make([]float64, columns-1), counts: make([]int, columns-1),
	}
}

// add allocates nothing. A value that is NaN or infinite is left out of the mean.
func (s *series) add(at float64, values ...float64) {
	s.at = at
	for i := range s.sums {
		if v := values[i]; !math.IsNaN(v) && !math.IsInf(v, 0) {
			s.sums[i] += v
			s.counts[i]++
		}
	}
	if s.n++; s.n == s.stride {
		s.flush()
	}
}

// flush makes a row of those that have come since the last one. Rows are whole, that of the
// end of a run apart.
func (s *series) flush() {
	if s.n == 0 {
		return
	}
	s.rows = append(s.rows, s.at)
	for i, sum := range s.sums {
		s.rows = append(s.rows, sum/float64(s.counts[i])) // NaN if there are none
		s.sums[i], s.counts[i] = 0, 0
	}
	s.n = 0
	if len(s.rows) == maxRows*s.columns {
		s.halve()
	}
}

func (s *series) halve() {
	c := s.columns
	for i := range len(s.rows) / c / 2 {
		a, b, to := s.rows[2*i*c:][:c], s.rows[(2*i+1)*c:][:c], s.rows[i*c:][:c]
		to[0] = b[0]
		for j := 1; j < c; j++ {
			switch {
			case math.IsNaN(a[j]):
				to[j] = b[j]
			case math.IsNaN(b[j]):
				to[j] = a[j]
			default:
				to[j] = (a[j] + b[j]) / 2
			}
		}
	}
	s.rows = s.rows[:len(s.rows)/2]
	s.stride *= 2
	s.halved++
}

// A place is how much of a series a viewer has.
type place struct{ halved, rows int }

// Rows are those that a viewer lacks, in place of all it has if Anew is set.
type rows struct {
	Anew bool  `json:"anew,omitempty"`
	Rows table `json:"rows"`
}

// since copies what is new and moves the place on. It returns nil if nothing is.
func (s *series) since(p *place) *rows {
	out := &rows{Anew: p.halved != s.halved, Rows: table{columns: s.columns}}
	if out.Anew {
		*p = place{halved: s.halved}
	}
	out.Rows.cells = append(out.Rows.cells, s.rows[p.rows*s.columns:]...)
	p.rows = len(s.rows) / s.columns
	if len(out.Rows.cells) == 0 {
		return nil
	}
	return out
}

// A table is an array of arrays in JSON, in which null is what is not a number. The first
// column is of whole numbers.
type table struct {
	columns int
	cells   []float64
}

// MarshalJSON implements [encoding/json.Marshaler].
func (t table) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, v := range t.cells {
		switch {
		case i%t.columns > 0:
			out = appendNumber(append(out, ','), v)
			continue
		case i > 0:
			out = append(out, ']', ',')
		}
		out = strconv.AppendFloat(append(out, '['), v, 'f', 0, 64)
	}
	if len(t.cells) > 0 {
		out = append(out, ']')
	}
	return append(out, ']'), nil
}

// A number is null in JSON if it is none.
type number float64

// MarshalJSON implements [encoding/json.Marshaler].
func (n number) MarshalJSON() ([]byte, error) { return appendNumber(nil, float64(n)), nil }

// appendNumber writes the digits that a float32 has.
func appendNumber(out []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) > math.MaxFloat32 {
		return append(out, "null"...)
	}
	return strconv.AppendFloat(out, v, 'g', -1, 32)
}
