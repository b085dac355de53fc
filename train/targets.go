package train

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// Targeted is implemented by data sets that can tell targets without reading their
// samples: what needs all classes, such as [ClassWeights], then opens no file.
type Targeted interface {
	// Targets returns the t that Batch returns for the same indices.
	Targets(indices []int) (t *tensor.Dense, err error)
}

// targetsAt returns the targets at the indices.
func targetsAt(ds Dataset, indices []int) (t *tensor.Dense, err error) {
	if ds, ok := ds.(Targeted); ok {
		return ds.Targets(indices)
	}
	_, t, err = ds.Batch(indices)
	return t, err
}

// labelsOf returns the class of each sample.
func labelsOf(ds Dataset) ([]int, error) {
	n, err := lenOf(ds)
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, errors.New("data set is empty, want at least one sample")
	}
	labels := make([]int, 0, n)
	const atOnce = 256
	for all := firstIndices(n); len(labels) < n; {
		indices := all[len(labels):min(n, len(labels)+atOnce)]
		err := guard.Call("the data set", func() error {
			t, err := targetsAt(ds, indices)
			if err != nil {
				return err
			}
			labels, err = appendClasses(labels, t, len(indices))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return labels, nil
}

// appendClasses appends the n class indices of a batch.
func appendClasses(labels []int, t *tensor.Dense, n int) ([]int, error) {
	if t == nil || t.Dims() != 1 || t.Shape()[0] != n || t.Dtype() != tensor.Int {
		what := "nothing"
		if t != nil {
			what = t.Dtype().String()
		}
		return nil, errors.Errorf("the targets of %d samples are %s of shape %v, want a class index of type int for each", n, what, shapeOf(t))
	}
	raw, err := dataOf(t)
	if err != nil {
		return nil, errors.WithMessage(err, "t")
	}
	for _, class := range raw.([]int) {
		if class < 0 {
			return nil, errors.Errorf("sample %d: the class is %d, want at least 0", len(labels), class)
		}
		labels = append(labels, class)
	}
	return labels, nil
}
