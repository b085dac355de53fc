package winograd

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// A space is working memory that is used again.
type space struct {
	all, free []float32
	home      *pool.Spare[space]
}

// Spaces for jobs, one for each worker, and for the sums of a whole pass lie
// apart, so that not all grow to the size of the largest.
var jobSpaces, sumSpaces pool.Spare[space]

// borrow returns a space of n elements at least, of any content.
func borrow(home *pool.Spare[space], n int) *space {
	s := home.Borrow()
	s.home = home
	if len(s.all) < n {
		s.all = aligned(n)
	}
	s.free = s.all
	return s
}

func giveBack(s *space) { s.home.GiveBack(s) }

// cut returns the next n elements, a multiple of lanes.
func (s *space) cut(n int) []float32 {
	t := s.free[:n:n]
	s.free = s.free[n:]
	return t
}

// aligned returns n elements that start with a cache line.
func aligned(n int) []float32 {
	s := make([]float32, n+lanes)
	skip := 0
	for uintptr(unsafe.Pointer(&s[skip]))%64 != 0 {
		skip++
	}
	return s[skip : skip+n]
}
