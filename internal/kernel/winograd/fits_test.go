package winograd

import "testing"

func TestFits(t *testing.T) {
	for _, s := range layers {
		forward, data, weights := Fits(s)
		if s.N > 1 && !(forward && data && weights) {
			t.Errorf("%+v does not fit", s)
		}
	}
	for _, s := range []Size{
		{64, 32, 32, 3, 64, 3, 1, 1},  // few channels
		{64, 2, 2, 64, 64, 3, 1, 1},   // a quarter of a tile
		{64, 5, 5, 64, 64, 5, 0, 0},   // the same
		{64, 2, 32, 64, 64, 3, 0, 0},  // no output
		{1, 7, 7, 512, 512, 3, 1, 1},  // more filters than image
		{1, 8, 8, 16, 16, 3, 1, 1},    // hardly any work
		{0, 32, 32, 64, 64, 3, 1, 1},  // none
		{1, 32, 32, 64, 64, 3, 3, 1},  // too much padding
		{1, 32, 32, 64, 64, 5, 5, 2},  // too much padding
		{1, 32, 32, 64, 64, 3, 1, -1}, // less than none
		{64, 32, 32, 64, 64, 4, 1, 1}, // another kernel
	} {
		if forward, data, weights := Fits(s); forward || data || weights {
			t.Errorf("%+v fits", s)
		}
	}
	// Without padding the gradient of the input has many windows that see little;
	// in a small image the gradient of the filters has few products by definition.
	if forward, data, weights := Fits(Size{64, 6, 6, 32, 64, 5, 0, 0}); !forward || data || !weights {
		t.Errorf("of 2x2 outputs fit %v, %v, %v, want true, false, true", forward, data, weights)
	}
	if forward, data, weights := Fits(Size{64, 4, 4, 64, 64, 5, 2, 2}); !forward || !data || weights {
		t.Errorf("of 4x4 pixels fit %v, %v, %v, want true, true, false", forward, data, weights)
	}
}
