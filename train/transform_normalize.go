package train

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// Normalize makes channel c (x[c] - mean[c]) / std[c]. A single mean and std
// serve all channels. Transforms that fill with 0 should come before it to
// fill with black, after it to fill with the mean.
//
// Validation and prediction want the same numbers as training, so it belongs in
// the data set, by [Map], rather than in a loader.
//
// As many of both as channels, or one, are wanted, all finite, each std above
// 0; else it is an error.
func Normalize(mean, std []float64) Transform {
	mean, std = slices.Clone(mean), slices.Clone(std)
	if len(mean) != len(std) || len(mean) == 0 {
		return invalid(errors.Errorf("Normalize: %d means and %d stds, want one of both for each channel or for all", len(mean), len(std)))
	}
	for c := range mean {
		if !(math.Abs(mean[c]) <= math.MaxFloat64 && std[c] > 0 && std[c] <= math.MaxFloat64) {
			return invalid(errors.Errorf("Normalize: channel %d has mean %v and std %v, want finite ones and std > 0", c, mean[c], std[c]))
		}
	}
	return func(_ *rand.Rand, s *Sample) error {
		if len(mean) != 1 && len(mean) != s.C {
			return errors.Errorf("Normalize: %d means for %d channels, want as many or one", len(mean), s.C)
		}
		for c := range s.C {
			k := min(c, len(mean)-1)
			plane := s.plane(c)
			for i, v := range plane {
				plane[i] = float32((float64(v) - mean[k]) / std[k])
			}
		}
		return nil
	}
}
