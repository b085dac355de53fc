package train

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// Rotate turns an image about its centre by an angle drawn evenly from
// -degrees to degrees, counter-clockwise when positive. Values between pixels
// are bilinear; corners turned in from outside are 0.
//
// degrees outside 0 to 180 is an error.
func Rotate(degrees float64) Transform {
	if !(degrees >= 0 && degrees <= 180) {
		return invalid(errors.Errorf("Rotate: degrees is %v, want 0 ≤ degrees ≤ 180", degrees))
	}
	return func(r *rand.Rand, s *Sample) error {
		s.rotate(uniform(r, -degrees, degrees))
		return nil
	}
}

// rotate turns s counter-clockwise. Rows count downwards, so the inverse map
// has the signs of the usual matrix of the angle.
func (s *Sample) rotate(degrees float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	s.resample(about(s.W, s.H, cos, -sin, sin, cos))
}

// uniform draws from lo to hi.
func uniform(r *rand.Rand, lo, hi float64) float64 {
	return lo + (hi-lo)*r.Float64()
}
