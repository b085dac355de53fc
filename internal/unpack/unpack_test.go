package unpack

import (
	"math"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		unpacked, packed uint64
		ok               bool
	}{
		{0, 0, true},
		{slack, 0, true},
		{slack + 1, 0, false},
		{slack + ratio, 1, true},
		{slack + ratio + 1, 1, false},
		{slack + 7*ratio, 7, true},
		{slack + 7*ratio + 1, 7, false},
		{math.MaxUint64, math.MaxInt64, true},
		{math.MaxUint64, 1 << 50, false},
	} {
		if err := Check(c.unpacked, c.packed); (err == nil) != c.ok {
			t.Errorf("%d from %d: got %v, want an error: %t", c.unpacked, c.packed, err, !c.ok)
		}
	}
}
