//go:build amd64 && !noasm

package tile

import (
	"testing"
	"unsafe"
)

// TestOffsets: the assembly reads Args by these.
func TestOffsets(t *testing.T) {
	var a Args
	for i, off := range []uintptr{
		unsafe.Offsetof(a.A), unsafe.Offsetof(a.B), unsafe.Offsetof(a.C), unsafe.Offsetof(a.Bias),
		unsafe.Offsetof(a.Outer), unsafe.Offsetof(a.Depth), unsafe.Offsetof(a.AStep), unsafe.Offsetof(a.ADelta),
		unsafe.Offsetof(a.BStep), unsafe.Offsetof(a.BDelta), unsafe.Offsetof(a.CStep), unsafe.Offsetof(a.Rows), unsafe.Offsetof(a.Cols),
	} {
		if off != uintptr(8*i) {
			t.Errorf("field %d lies at %d, want %d", i, off, 8*i)
		}
	}
	if i, c, r := unsafe.Offsetof(a.InPlace), unsafe.Offsetof(a.Accumulate), unsafe.Offsetof(a.ReLU); i != 104 || c != 105 || r != 106 {
		t.Errorf("the flags lie at %d, %d and %d, want 104 to 106", i, c, r)
	}
	if o := unsafe.Offsetof(a.Ahead); o != 112 {
		t.Errorf("Ahead lies at %d, want 112", o)
	}
}
