package train

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// ScaleBy enlarges an image about its centre by a factor drawn evenly from lo
// to hi; below 1 it shrinks. The image keeps its size in pixels: what grows
// past the border is lost, what shrinks is surrounded by 0. Values between
// pixels are bilinear.
//
// Anything but 0 < lo ≤ hi, both finite, is an error.
func ScaleBy(lo, hi float64) Transform {
	if !(lo > 0 && lo <= hi && !math.IsInf(hi, 1)) {
		return invalid(errors.Errorf("ScaleBy: lo, hi is %v, %v, want 0 < lo ≤ hi < ∞", lo, hi))
	}
	return func(r *rand.Rand, s *Sample) error {
		s.scale(uniform(r, lo, hi))
		return nil
	}
}

func (s *Sample) scale(factor float64) {
	s.resample(about(s.W, s.H, 1/factor, 0, 0, 1/factor))
}
