//go:build amd64 && !noasm

package depthwise

import (
	"testing"
	"unsafe"
)

// TestOffsets: the assembly reads Args and Tap by these.
func TestOffsets(t *testing.T) {
	var a Args
	for i, off := range []uintptr{
		unsafe.Offsetof(a.X), unsafe.Offsetof(a.W), unsafe.Offsetof(a.Y), unsafe.Offsetof(a.Bias),
		unsafe.Offsetof(a.Taps), unsafe.Offsetof(a.Count), unsafe.Offsetof(a.Points),
		unsafe.Offsetof(a.XStep), unsafe.Offsetof(a.YStep), unsafe.Offsetof(a.Channels), unsafe.Offsetof(a.ReLU), unsafe.Offsetof(a.done),
	} {
		if off != uintptr(8*i) {
			t.Errorf("field %d lies at %d, want %d", i, off, 8*i)
		}
	}
	var tap Tap
	if unsafe.Offsetof(tap.X) != 0 || unsafe.Offsetof(tap.W) != 8 || unsafe.Sizeof(tap) != 16 {
		t.Error("a Tap is not two numbers of 8 bytes, X first")
	}
}
