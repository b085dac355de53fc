package kernel

import "github.com/thinnet/thinnet/internal/kernel/pool"

// scratch is the working memory of one goroutine inside a kernel. Its slices
// grow to what the largest call asked for and keep their old contents.
//
// They start on a 16-byte boundary, as Go's size classes place every
// pointer-free allocation of 32 bytes or more. vectors.dot counts on it for
// equal bits from run to run, not for its correctness.
type scratch[T Float] struct {
	panel, operand, tile []T
	segments             []segment
	lines                []tapLine
	index                []int
}

func borrowScratch[T Float]() *scratch[T] { return pool.SpareOf[scratch[T]]().Borrow() }

func (s *scratch[T]) release() { pool.SpareOf[scratch[T]]().GiveBack(s) }

// resize returns *buf with length n, reallocated where it is too small.
func resize[E any](buf *[]E, n int) []E {
	if cap(*buf) < n {
		*buf = make([]E, max(n, 64))
	}
	*buf = (*buf)[:n]
	return *buf
}
