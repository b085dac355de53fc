package gemm

import (
	"unsafe"

	"github.com/thinnet/thinnet/internal/kernel/pool"
)

// A workspace is memory for packed operands, kept and used again. It starts on a
// cache line, so that no vector of a packed operand crosses one.
type workspace struct{ memory []byte }

const line = 64

var workspaces pool.Spare[workspace]

// borrow returns a workspace of at least n bytes and where it starts.
func borrow(n int) (*workspace, unsafe.Pointer) {
	w := workspaces.Borrow()
	if len(w.memory) < n+line {
		w.memory = make([]byte, n+n/4+line)
	}
	p := unsafe.Pointer(unsafe.SliceData(w.memory))
	return w, unsafe.Add(p, -uintptr(p)%line)
}

func (w *workspace) giveBack() { workspaces.GiveBack(w) }
