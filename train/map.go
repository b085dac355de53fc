package train

import (
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// Map is the data set of the samples of ds after transforms, in order, for
// whoever reads it: training, validation and prediction alike. It keeps the
// targets, and the names of the classes.
//
// x becomes float32, as by [Transforms], and must have the shapes it wants;
// without any transform x is converted only, and may have any shape. So bytes
// from 0 to 255, as Keras's mnist.npz has them, become x / 255 by
//
//	ds = train.Map(ds, train.Normalize([]float64{0}, []float64{255}))
//
// Map is meant for transforms that draw nothing. What one draws is a function
// of the sample's index alone, the same in every epoch and for every seed: for
// augmentation use [Transforms].
//
// A nil ds and a transform that fails are errors of Batch.
func Map(ds Dataset, ts ...Transform) Dataset {
	if ds == nil {
		return broken{0, errors.New("train.Map: data set is nil")}
	}
	return &mapped{ds, slices.Clone(ts)}
}

// mapped is a data set under transforms.
type mapped struct {
	ds         Dataset
	transforms []Transform
}

// Len implements [Dataset].
func (m *mapped) Len() int { return m.ds.Len() }

// Classes implements [Labelled].
func (m *mapped) Classes() []string { return classesOf(m.ds) }

// bounds implements [parted].
func (m *mapped) bounds() []int { return boundsOf(m.ds) }

// Targets implements [Targeted].
func (m *mapped) Targets(indices []int) (*tensor.Dense, error) { return targetsAt(m.ds, indices) }

// Batch implements [Dataset].
func (m *mapped) Batch(indices []int) (x, t *tensor.Dense, err error) {
	if x, t, err = m.ds.Batch(indices); err != nil {
		return nil, nil, err
	}
	if err := checkBatch(x, t, len(indices)); err != nil {
		return nil, nil, err
	}
	err = guard.Call("a transform", func() (err error) {
		if len(m.transforms) == 0 {
			x, err = single(x)
			return err
		}
		key := philox.KeyOf(0, "map")
		x, err = transformed(x, indices, m.transforms, func(i int) *rand.Rand {
			return rand.New(philox.NewSource(key, uint64(indices[i])))
		})
		return err
	})
	if err != nil {
		return nil, nil, errors.WithMessage(err, "train.Map")
	}
	return x, t, nil
}

// single returns x as float32.
func single(x *tensor.Dense) (*tensor.Dense, error) {
	raw, err := dataOf(x)
	if err != nil {
		return nil, errors.WithMessage(err, "x")
	}
	data, err := toFloat32(raw)
	if err != nil {
		return nil, err
	}
	return tensor.New(tensor.WithShape(x.Shape().Clone()...), tensor.WithBacking(data)), nil
}

// transformed applies transforms to the samples of a batch. Each draws from the
// stream that its row is given.
func transformed(x *tensor.Dense, indices []int, transforms []Transform, stream func(row int) *rand.Rand) (*tensor.Dense, error) {
	samples, err := samplesOf(x)
	if err != nil {
		return nil, err
	}
	err = parallel(len(samples), func(i int) error {
		return errors.WithMessagef(samples[i].transform(stream(i), transforms), "sample %d", indices[i])
	})
	if err != nil {
		return nil, err
	}
	return stack(samples, x.Dims())
}
