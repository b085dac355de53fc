package pool

import "sync/atomic"

// A Spare keeps values to use again: what another goroutine sees must lie on the
// heap, and a run must not allocate. It keeps up to 64, and unlike a sync.Pool it
// keeps them for good: more threads than that allocate. The zero value is ready to
// use.
type Spare[T any] struct{ kept [64]atomic.Pointer[T] }

// Borrow returns a value that was given back, or a new one.
func (s *Spare[T]) Borrow() *T {
	for i := range s.kept {
		if s.kept[i].Load() == nil {
			continue
		}
		if v := s.kept[i].Swap(nil); v != nil {
			return v
		}
	}
	return new(T)
}

// GiveBack keeps a value for another Borrow.
func (s *Spare[T]) GiveBack(v *T) {
	for i := range s.kept {
		if s.kept[i].Load() == nil && s.kept[i].CompareAndSwap(nil, v) {
			return
		}
	}
}
