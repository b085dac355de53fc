package train

import (
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// FlipHorizontal mirrors an image, left to right, with probability p.
//
// p outside 0 to 1 is an error.
func FlipHorizontal(p float64) Transform {
	return flip("FlipHorizontal", p, func(s *Sample) {
		for row := range slices.Chunk(s.Data, s.W) {
			slices.Reverse(row)
		}
	})
}

// FlipVertical turns an image upside down, top to bottom, with probability p.
//
// p outside 0 to 1 is an error.
func FlipVertical(p float64) Transform {
	return flip("FlipVertical", p, func(s *Sample) {
		for c := range s.C {
			// Reversing a plane flips both ways; reversing each row then
			// undoes one of them.
			slices.Reverse(s.plane(c))
		}
		for row := range slices.Chunk(s.Data, s.W) {
			slices.Reverse(row)
		}
	})
}

func flip(name string, p float64, do func(*Sample)) Transform {
	if !(p >= 0 && p <= 1) {
		return invalid(errors.Errorf("%s: p is %v, want 0 ≤ p ≤ 1", name, p))
	}
	return func(r *rand.Rand, s *Sample) error {
		if r.Float64() < p {
			do(s)
		}
		return nil
	}
}
