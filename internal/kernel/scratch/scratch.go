// Package scratch keeps the kernels' working memory from call to call, so that a
// call allocates nothing once it has run.
package scratch

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// A List keeps memory for one purpose. Any piece may come back at any call, so each
// grows to what the largest call asked for: what a whole pass needs once and what
// each worker needs are lists of their own. The zero value is ready to use.
type List struct{ kept pool.Spare[Memory] }

// A Memory is numbers of any contents. They start on a cache line, so that no vector
// that is a whole number of vectors further on crosses one.
type Memory struct {
	Numbers []float32
	home    *List
}

const line = 64 // bytes

// Borrow returns n numbers or more, to be given back.
func (l *List) Borrow(n int) *Memory {
	m := l.kept.Borrow()
	m.home = l
	if len(m.Numbers) < n {
		all := make([]float32, n+line/4)
		p := uintptr(unsafe.Pointer(unsafe.SliceData(all)))
		skip := int(-p%line) / 4
		m.Numbers = all[skip:][:n:n]
	}
	return m
}

// Start returns where the memory starts.
func (m *Memory) Start() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(m.Numbers)) }

// GiveBack ends the use of m.
func (m *Memory) GiveBack() { m.home.kept.GiveBack(m) }
