package train

import (
	"math/rand/v2"

	"github.com/pkg/errors"
)

// RandomCrop surrounds an image by padding pixels of 0 on each side and cuts a
// square of size by size pixels out of it at a place drawn evenly. With the
// size of the image and padding 4 it is the usual augmentation of CIFAR-10.
//
// size below 1 or above 8000, padding below 0 and a square larger than the
// padded image are errors.
func RandomCrop(size, padding int) Transform {
	const maxSize = 8000 // its square is maxPixels
	if size < 1 || size > maxSize || padding < 0 {
		return invalid(errors.Errorf("RandomCrop: size, padding is %d, %d, want 1 ≤ size ≤ %d, padding ≥ 0", size, padding, maxSize))
	}
	return func(r *rand.Rand, s *Sample) error {
		dx, dy := s.W+2*padding-size, s.H+2*padding-size
		if dx < 0 || dy < 0 {
			return errors.Errorf("RandomCrop: size is %d, image is %d x %d with padding %d on each side, want a square that fits", size, s.W, s.H, padding)
		}
		x, y := r.IntN(dx+1), r.IntN(dy+1)
		s.window(x-padding, y-padding, size, size)
		return nil
	}
}

// CenterCrop cuts a square of size by size pixels out of the middle of an
// image. Where the margin is odd, the smaller half is at the top or left.
//
// size below 1 or above the height or width of the image is an error.
func CenterCrop(size int) Transform {
	if size < 1 {
		return invalid(errors.Errorf("CenterCrop: size is %d, want at least 1", size))
	}
	return func(_ *rand.Rand, s *Sample) error {
		if size > s.W || size > s.H {
			return errors.Errorf("CenterCrop: size is %d, image is %d x %d, want a square that fits", size, s.W, s.H)
		}
		s.window((s.W-size)/2, (s.H-size)/2, size, size)
		return nil
	}
}
