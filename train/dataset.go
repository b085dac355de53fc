package train

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// A Dataset is an indexed collection of samples with targets.
//
// Implementations must allow Batch to be called from several goroutines at
// once, and must give the same answer for the same indices every time: what
// varies from epoch to epoch (order, augmentation) belongs to the [Loader].
type Dataset interface {
	// Len is the number of samples.
	Len() int

	// Batch returns the samples at the given indices stacked along a new
	// first axis: x is (n, ...), and t is (n) of [tensor.Int] class indices or
	// (n, ...) of values. An index may occur twice. Having no index, or one
	// outside 0 ≤ i < Len(), is an error. The tensors are the caller's to keep
	// and to change.
	Batch(indices []int) (x, t *tensor.Dense, err error)
}

// Labelled is implemented by data sets that may know what their classes are
// called.
type Labelled interface {
	// Classes returns the name of class i at position i, or nil where the
	// names are not known.
	Classes() []string
}

// lenOf returns the number of samples.
func lenOf(ds Dataset) (n int, err error) {
	switch ds := ds.(type) {
	case nil:
		return 0, errors.New("data set is nil")
	case broken:
		return 0, ds.err
	}
	err = guard.Call("the data set", func() error {
		n = ds.Len()
		return nil
	})
	return n, err
}

// classesOf returns the class names of ds, or nil.
func classesOf(ds Dataset) []string {
	if l, ok := ds.(Labelled); ok {
		return l.Classes()
	}
	return nil
}

// checkIndices refuses what no Batch can answer.
func checkIndices(indices []int, n int) error {
	if len(indices) == 0 {
		return errors.New("a batch of no indices, want at least one")
	}
	for _, i := range indices {
		if i < 0 || i >= n {
			return errors.Errorf("index is %d, want 0 ≤ index < %d", i, n)
		}
	}
	return nil
}

// broken is a data set that could not be made. It keeps the error until
// someone asks for data.
type broken struct {
	n   int
	err error
}

// Len implements [Dataset].
func (b broken) Len() int { return b.n }

// Batch implements [Dataset].
func (b broken) Batch([]int) (x, t *tensor.Dense, err error) { return nil, nil, b.err }
