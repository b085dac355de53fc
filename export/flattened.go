package export

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// channelsFirst brings the columns of a matrix from the order of shape, whose
// last axis is that of the channels, to that in which it is the first.
func channelsFirst(d *tensor.Dense, shape []int) (*tensor.Dense, error) {
	n, _, ok := count(shape, 1)
	if d.Dims() != 2 || !ok || len(shape) < 2 || slices.Min(shape) < 1 || n != d.Shape()[1] {
		return nil, errors.Errorf("has shape %v, want (N, %v): a column for each element of Flattened's %v",
			d.Shape(), n, shape)
	}
	last := len(shape) - 1
	from := append([]int{d.Shape()[0]}, shape...)
	axes := []int{0, last + 1}
	for axis := range last {
		axes = append(axes, axis+1)
	}
	return transposed(d, from, axes, d.Shape()), nil
}

// transposed returns the elements of d, seen as shape, with the axes in another
// order, in the shape to.
func transposed(d *tensor.Dense, shape, axes, to []int) *tensor.Dense {
	k, _ := kindOfDtype(d.Dtype())
	strides := cStrides(shape)
	outer, steps := make([]int, len(axes)), make([]int, len(axes))
	for i, axis := range axes {
		outer[i], steps[i] = shape[axis], strides[axis]
	}
	return newDense(kinds[k].toRowMajor(kinds[k].elements(d), outer, steps), slices.Clone(to))
}
