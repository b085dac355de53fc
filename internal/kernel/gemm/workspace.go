package gemm

import (
	"sync"
	"unsafe"
)

// A workspace is memory for packed operands, kept and used again. It starts on a
// cache line, so that no vector of a packed operand crosses one.
type workspace struct{ memory []byte }

const line = 64

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// borrow returns a workspace of at least n bytes and where it starts.
func borrow(n int) (*workspace, unsafe.Pointer) {
	w := workspaces.Get().(*workspace)
	if len(w.memory) < n+line {
		w.memory = make([]byte, n+n/4+line)
	}
	p := unsafe.Pointer(unsafe.SliceData(w.memory))
	return w, unsafe.Add(p, -uintptr(p)%line)
}

func (w *workspace) giveBack() { workspaces.Put(w) }
