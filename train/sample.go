package train

import (
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Sample is one float32 sample on its way through transforms: C planes of H
// rows of W values, Data[(c·H+h)·W+w]. Transforms may replace Data and change
// the sizes, as a crop does.
type Sample struct {
	Data    []float32
	C, H, W int
}

// A Transform changes a sample in place, drawing what is random from r. It is
// called from several goroutines at once, so it keeps nothing between calls.
//
// What a transform is given wrong it reports when it is called. [NewLoader]
// calls all of its transforms once, so mistakes show there.
type Transform func(r *rand.Rand, s *Sample) error

// invalid is a transform that cannot work.
func invalid(err error) Transform {
	return func(*rand.Rand, *Sample) error { return err }
}

// plane returns plane c of the sample.
func (s *Sample) plane(c int) []float32 {
	return s.Data[c*s.H*s.W:][: s.H*s.W : s.H*s.W]
}

// A batch of samples has shape (n, c, h, w), (n, h, w) or (n, w); in the
// shorter ones the sizes left out are 1.
const minSampleDims, maxSampleDims = 2, 4

// samplesOf takes a batch of numbers apart. The samples share no memory with
// each other, nor with x unless it is of float32.
func samplesOf(x *tensor.Dense) ([]Sample, error) {
	shape := x.Shape()
	if shape.Dims() < minSampleDims || shape.Dims() > maxSampleDims {
		return nil, errors.Errorf("x has shape %v, transforms want (n, c, h, w), (n, h, w) or (n, w)", shape)
	}
	if slices.Contains(shape, 0) {
		return nil, errors.Errorf("x has shape %v, want no size of 0", shape)
	}
	raw, err := dataOf(x)
	if err != nil {
		return nil, errors.WithMessage(err, "x")
	}
	data, err := toFloat32(raw)
	if err != nil {
		return nil, err
	}
	chw := [3]int{1, 1, 1}
	copy(chw[maxSampleDims-shape.Dims():], shape[1:])
	size := chw[0] * chw[1] * chw[2]
	samples := make([]Sample, shape[0])
	for i := range samples {
		samples[i] = Sample{
			Data: data[i*size:][:size:size], C: chw[0], H: chw[1], W: chw[2],
		}
	}
	return samples, nil
}

// toFloat32 converts the data of a tensor.
func toFloat32(data any) ([]float32, error) {
	switch data := data.(type) {
	case []float32:
		return data, nil
	case []float64:
		return convert(data), nil
	case []int:
		return convert(data), nil
	case []int64:
		return convert(data), nil
	case []int32:
		return convert(data), nil
	case []uint8:
		return convert(data), nil
	}
	return nil, errors.Errorf("x is %T, transforms want float32 or what converts to it: float64, int, int64, int32, uint8", data)
}

func convert[T float64 | int | int64 | int32 | uint8](data []T) []float32 {
	out := make([]float32, len(data))
	for i, v := range data {
		out[i] = float32(v)
	}
	return out
}

// stack puts transformed samples together again, with as many axes as before.
func stack(samples []Sample, dims int) (*tensor.Dense, error) {
	first := samples[0]
	chw := []int{first.C, first.H, first.W}
	drop := maxSampleDims - dims
	for _, size := range chw[:drop] {
		if size != 1 {
			return nil, errors.Errorf("transforms made samples of shape %v, which do not fit %d axes", chw, dims)
		}
	}
	out := make([]float32, 0, len(samples)*len(first.Data))
	for i, s := range samples {
		if s.C != first.C || s.H != first.H || s.W != first.W {
			return nil, errors.Errorf("transforms made sample %d of shape %v and sample 0 of %v, want all alike", i, []int{s.C, s.H, s.W}, chw)
		}
		out = append(out, s.Data...)
	}
	return tensor.New(tensor.WithShape(append([]int{len(samples)}, chw[drop:]...)...), tensor.WithBacking(out)), nil
}

// transform applies the transforms in order, and checks what each leaves.
func (s *Sample) transform(r *rand.Rand, transforms []Transform) error {
	for i, t := range transforms {
		if t == nil {
			return errors.Errorf("transform %d is nil", i)
		}
		if err := t(r, s); err != nil {
			return errors.WithMessagef(err, "transform %d", i)
		}
		if min(s.C, s.H, s.W) < 1 || len(s.Data) != s.C*s.H*s.W {
			return errors.Errorf("transform %d left %d values for a sample of %d x %d x %d", i, len(s.Data), s.C, s.H, s.W)
		}
	}
	return nil
}
