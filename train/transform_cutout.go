package train

import (
	"math/rand/v2"

	"github.com/pkg/errors"
)

// Cutout sets a square of size by size pixels to 0 in all channels. Its centre
// is drawn evenly from all pixels, so near the border a part of it falls
// outside. A square of even size reaches one pixel less to the right and down.
//
// size below 1 is an error.
//
// Source: DeVries, Taylor, Improved Regularization of Convolutional Neural
// Networks with Cutout, https://arxiv.org/abs/1708.04552.
func Cutout(size int) Transform {
	if size < 1 {
		return invalid(errors.Errorf("Cutout: size is %d, want at least 1", size))
	}
	return func(r *rand.Rand, s *Sample) error {
		s.cutout(r.IntN(s.W), r.IntN(s.H), size)
		return nil
	}
}

func (s *Sample) cutout(x, y, size int) {
	x0, y0 := x-size/2, y-size/2
	for c := range s.C {
		plane := s.plane(c)
		for row := max(0, y0); row < min(s.H, y0+size); row++ {
			clear(plane[row*s.W:][max(0, x0):min(s.W, x0+size)])
		}
	}
}
