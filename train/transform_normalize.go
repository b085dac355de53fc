package train

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// Normalize makes channel c (x[c] - mean[c]) / std[c]. Channels are along the first
// axis of a sample: they are the planes of an image (C, H, W), the rows of a series (C, T)
// and the values of a vector (F), such as the columns of a table. A single mean and std
// serve all channels. Transforms that fill with 0 should come before it to
// fill with black, after it to fill with the mean.
//
// Validation and prediction want the same numbers as training, so it belongs in
// the data set, by [Map], rather than in a loader.
//
// As many of both as channels, or one, are wanted, all finite, each std above
// 0; else it is an error. First axes of length 1 do not count: three means suit samples
// of shape (1, 3).
//
// It is torchvision's Normalize, of a vector scikit-learn's StandardScaler.
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
		channels := s.C
		if channels == 1 {
			channels = s.H
		}
		if channels == 1 {
			channels = s.W
		}
		if len(mean) != 1 && len(mean) != channels {
			return errors.Errorf("Normalize: %d means for %d channels, want as many or one", len(mean), channels)
		}
		each := len(s.Data) / len(mean)
		for c := range mean {
			channel := s.Data[c*each:][:each]
			for i, v := range channel {
				channel[i] = float32((float64(v) - mean[c]) / std[c])
			}
		}
		return nil
	}
}
