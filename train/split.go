package train

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// Subset is the data set of the samples of ds at the given indices, in that
// order. An index may occur twice; one outside 0 ≤ i < ds.Len() is an error, and
// so is a nil ds.
func Subset(ds Dataset, indices []int) (Dataset, error) {
	n, err := lenOf(ds)
	if err != nil {
		return nil, errors.WithMessage(err, "train.Subset")
	}
	for i, j := range indices {
		if j < 0 || j >= n {
			return nil, errors.Errorf("train.Subset: index %d is %d, want 0 ≤ index < %d", i, j, n)
		}
	}
	return &subset{ds: ds, indices: slices.Clone(indices)}, nil
}

// Head is the data set of the first n samples of ds, or of all if it has fewer.
func Head(ds Dataset, n int) Dataset {
	have, err := lenOf(ds)
	if err != nil {
		return broken{max(0, n), errors.WithMessage(err, "train.Head")}
	}
	return &subset{ds: ds, indices: firstIndices(min(n, have))}
}

// firstIndices counts from 0 to n-1.
func firstIndices(n int) []int {
	indices := make([]int, max(0, n))
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// Split shuffles ds and cuts it in two: train gets fraction of the samples,
// rounded to the nearest number, and val the others. The cut is a function of
// the seed and ds.Len() alone, with [Stratified] of the classes too. A fraction that
// leaves either part empty is an error.
func Split(ds Dataset, fraction float64, seed uint64, opts ...SplitOption) (train, val Dataset, err error) {
	train, val, err = split(ds, fraction, seed, opts)
	return train, val, errors.WithMessage(err, "train.Split")
}

func split(ds Dataset, fraction float64, seed uint64, opts []SplitOption) (train, val Dataset, err error) {
	if !(fraction > 0 && fraction < 1) { // this way round, NaN fails too
		return nil, nil, errors.Errorf("fraction is %v, want 0 < fraction < 1", fraction)
	}
	strata, err := strataOf(ds, opts)
	if err != nil {
		return nil, nil, err
	}
	all := len(strata)
	n := int(math.Round(fraction * float64(all)))
	if n == 0 || n == all {
		return nil, nil, errors.Errorf("fraction %v of %d samples leaves one part empty", fraction, all)
	}
	left := proportional(strata, n)
	var first, second []int
	for _, i := range rand.New(philox.NewSource(philox.KeyOf(seed, "split"), 0)).Perm(all) {
		if left[strata[i]] > 0 {
			left[strata[i]]--
			first = append(first, i)
		} else {
			second = append(second, i)
		}
	}
	return &subset{ds: ds, indices: first}, &subset{ds: ds, indices: second}, nil
}

// subset is a choice of samples of another data set.
type subset struct {
	ds      Dataset
	indices []int
}

// Len implements [Dataset].
func (s *subset) Len() int { return len(s.indices) }

// Classes implements [Labelled].
func (s *subset) Classes() []string { return classesOf(s.ds) }

// Batch implements [Dataset].
func (s *subset) Batch(indices []int) (x, t *tensor.Dense, err error) {
	inner, err := s.inner(indices)
	if err != nil {
		return nil, nil, err
	}
	return s.ds.Batch(inner)
}

// Targets implements [Targeted].
func (s *subset) Targets(indices []int) (*tensor.Dense, error) {
	inner, err := s.inner(indices)
	if err != nil {
		return nil, err
	}
	return targetsAt(s.ds, inner)
}

// inner returns where in the other data set the samples are.
func (s *subset) inner(indices []int) ([]int, error) {
	if err := checkIndices(indices, s.Len()); err != nil {
		return nil, err
	}
	inner := make([]int, len(indices))
	for i, j := range indices {
		inner[i] = s.indices[j]
	}
	return inner, nil
}
