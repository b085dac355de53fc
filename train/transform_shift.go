package train

import (
	"math/rand/v2"

	"github.com/pkg/errors"
)

// Shift moves an image by whole pixels, drawn evenly from -pixels to pixels for
// each axis. What moves in from outside is 0.
//
// A negative number of pixels is an error.
func Shift(pixels int) Transform {
	if pixels < 0 {
		return invalid(errors.Errorf("Shift: pixels is %d, want at least 0", pixels))
	}
	return func(r *rand.Rand, s *Sample) error {
		dx, dy := within(r, pixels), within(r, pixels)
		s.window(-dx, -dy, s.W, s.H)
		return nil
	}
}

// within draws from -n to n.
func within(r *rand.Rand, n int) int {
	// uint64 holds 2n+1 for any n.
	return int(r.Uint64N(2*uint64(n)+1)) - n
}

// window replaces s by what is seen of it through a window of w by h pixels
// with its corner at (x0, y0). Outside of the image all is 0.
func (s *Sample) window(x0, y0, w, h int) {
	out := make([]float32, s.C*h*w)
	from, to := max(0, x0), min(s.W, x0+w)
	for c := range s.C {
		src := s.plane(c)
		for y := max(0, -y0); y < min(h, s.H-y0) && from < to; y++ {
			copy(out[(c*h+y)*w+from-x0:], src[(y0+y)*s.W:][from:to])
		}
	}
	s.Data, s.W, s.H = out, w, h
}
