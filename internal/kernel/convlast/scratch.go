package convlast

import "github.com/thinnet/thinnet/internal/kernel/pool"

// scratch is working memory, which grows to what the largest call asked for.
type scratch struct{ numbers []float32 }

var scratches pool.Spare[scratch]

// borrow returns memory for n numbers, of any contents.
func borrow(n int) *scratch {
	s := scratches.Borrow()
	if cap(s.numbers) < n {
		s.numbers = make([]float32, n)
	}
	s.numbers = s.numbers[:cap(s.numbers)]
	return s
}

func (s *scratch) release() { scratches.GiveBack(s) }
