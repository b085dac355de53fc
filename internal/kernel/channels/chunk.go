package channels

import (
	"github.com/thinnet/thinnet/internal/kernel/pool"
	"github.com/thinnet/thinnet/internal/kernel/vec"
)

const (
	// callSize is the number of elements that one call of assembly handles at
	// most: it cannot be interrupted. Only one row of a matrix may be more, if it
	// has that many columns.
	callSize = 1 << 14

	// sumSize is the least number of elements that make a partial sum, and
	// sumChunks the largest number of partial sums, as merging them takes time,
	// unless they were sums of more than sumRows rows: these are added in float32.
	sumSize, sumChunks, sumRows = 1 << 15, 32, 1 << 14

	// foldWidth is the width up to which columns are repeated. Four vectors of
	// the widest kind are taken at a time.
	foldWidth, fullWidth, lanes = 128, 64, 16
)

// A matrix is rows of c columns read as fewer rows of k·c, and a last row of tail
// columns.
type matrix struct{ c, k, width, rows, tail int }

func fold(rows, c int) matrix {
	k := 1
	if c < foldWidth {
		k = lanes / vec.GCD(c, lanes)
		k *= (fullWidth + k*c - 1) / (k * c)
		k = max(1, min(k, rows))
	}
	return matrix{c: c, k: k, width: k * c, rows: rows / k, tail: rows % k * c}
}

// grain is the number of wide rows that one call handles.
func (m matrix) grain() int { return max(1, callSize/m.width) }

// sumGrain is the number of wide rows that make a partial sum.
func (m matrix) sumGrain() int {
	return max(min((m.rows+sumChunks-1)/sumChunks, sumRows), sumSize/m.width, 1)
}

// sums returns the number of partial sums.
func (m matrix) sums() int { return (m.rows + m.sumGrain() - 1) / m.sumGrain() }

// blockRows is the number of rows of n elements that one call handles, a multiple
// of the 8 that kernels take at a time where there is room for 8.
func blockRows(n int) int {
	rows := max(1, callSize/n)
	if rows > 8 {
		rows -= rows % 8
	}
	return rows
}

// repeat writes the parameters of the columns as often as a wide row needs them.
func (m matrix) repeat(to, from []float32) []float32 {
	to = to[:m.width]
	for e := 0; e < m.width; e += m.c {
		copy(to[e:], from[:m.c])
	}
	return to
}

// A Memory is working memory, kept for later use. It has one slice of each type;
// what that held before is undefined.
type Memory struct {
	f32 []float32
	f64 []float64
}

var memories pool.Spare[Memory]

// Borrow returns working memory, to be given back.
func Borrow() *Memory { return memories.Borrow() }

// GiveBack ends the use of m.
func (m *Memory) GiveBack() { memories.GiveBack(m) }

// Floats returns n numbers.
func (m *Memory) Floats(n int) []float32 {
	if cap(m.f32) < n {
		m.f32 = make([]float32, n)
	}
	return m.f32[:n]
}

// Doubles returns n numbers.
func (m *Memory) Doubles(n int) []float64 {
	if cap(m.f64) < n {
		m.f64 = make([]float64, n)
	}
	return m.f64[:n]
}
