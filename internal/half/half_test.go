package half

import (
	"math"
	"testing"
)

// TestHalf compares with values of IEEE 754-2019, table 3.5 and section 3.4,
// worked out by hand.
func TestHalf(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		h    uint16
		want float64
	}{
		{0x0000, 0}, {0x3c00, 1}, {0xc000, -2}, {0x3555, 1365.0 / 4096}, // the nearest to 1/3
		{0x7bff, 65504}, {0x0400, 0x1p-14}, // the largest, the smallest that is normal
		{0x03ff, 1023 * 0x1p-24}, {0x0200, 0x1p-15}, {0x0001, 0x1p-24}, {0x8003, -3 * 0x1p-24}, // subnormal
		{0x7c00, inf}, {0xfc00, -inf},
	} {
		if got := Float16(c.h); float64(got) != c.want {
			t.Errorf("float16 %#04x: got %v, want %v", c.h, got, c.want)
		}
	}
	if got := Float16(0x8000); got != 0 || !math.Signbit(float64(got)) {
		t.Errorf("float16 0x8000: got %v, want -0", got)
	}
	if got := Float16(0x7e01); !math.IsNaN(float64(got)) {
		t.Errorf("float16 0x7e01: got %v, want NaN", got)
	}
	for _, c := range []struct {
		h    uint16
		want float64
	}{
		{0x0000, 0}, {0x3f80, 1}, {0xc000, -2}, {0x4049, 3.140625}, {0x0001, 0x1p-133}, {0x7f80, inf},
	} {
		if got := BFloat16(c.h); float64(got) != c.want {
			t.Errorf("bfloat16 %#04x: got %v, want %v", c.h, got, c.want)
		}
	}
}
