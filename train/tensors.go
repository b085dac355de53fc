package train

import (
	"reflect"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Tensors is the data set whose sample i is row i of x, with row i of t as its
// target. x is (n, ...) and t is (n) or (n, ...), of any element type; for
// classification t is (n) of [tensor.Int].
//
// The tensors are kept, not copied (views are copied once, to lay their rows
// out), so do not change them while the data set is in use. A batch is a copy.
//
// It is an error if x or t is nil, a scalar, empty, in column-major order or
// masked, or if their first sizes differ.
func Tensors(x, t *tensor.Dense) (Dataset, error) {
	ds, err := labelledTensors(x, t, nil)
	return ds, errors.WithMessage(err, "train.Tensors")
}

func labelledTensors(x, t *tensor.Dense, classes []string) (Dataset, error) {
	xs, err := rowsOf(x)
	if err != nil {
		return nil, errors.WithMessage(err, "x")
	}
	ts, err := rowsOf(t)
	if err != nil {
		return nil, errors.WithMessage(err, "t")
	}
	if xs.shape[0] != ts.shape[0] {
		return nil, errors.Errorf("x has %d rows and t has %d, want as many of both", xs.shape[0], ts.shape[0])
	}
	return &tensors{x: xs, t: ts, classes: classes}, nil
}

// tensors is a data set in memory.
type tensors struct {
	x, t    rows
	classes []string
}

// Len implements [Dataset].
func (d *tensors) Len() int { return d.x.shape[0] }

// Classes implements [Labelled].
func (d *tensors) Classes() []string { return slices.Clone(d.classes) }

// Batch implements [Dataset].
func (d *tensors) Batch(indices []int) (x, t *tensor.Dense, err error) {
	if err := checkIndices(indices, d.Len()); err != nil {
		return nil, nil, err
	}
	return d.x.gather(indices), d.t.gather(indices), nil
}

// Targets implements [Targeted].
func (d *tensors) Targets(indices []int) (*tensor.Dense, error) {
	if err := checkIndices(indices, d.Len()); err != nil {
		return nil, err
	}
	return d.t.gather(indices), nil
}

// rows is a tensor seen as a list of rows along its first axis. Reflection
// serves every element type by one body; a row moves by one copy.
type rows struct {
	data  reflect.Value // a slice
	shape tensor.Shape
	size  int // elements in a row
}

func rowsOf(x *tensor.Dense) (rows, error) {
	if x == nil {
		return rows{}, errors.New("is nil, want a tensor of shape (n, ...)")
	}
	shape := x.Shape().Clone()
	if shape.Dims() == 0 || slices.Contains(shape, 0) {
		return rows{}, errors.Errorf("has shape %v, want (n, ...) with no size of 0", shape)
	}
	data, err := dataOf(x)
	if err != nil {
		return rows{}, err
	}
	return rows{data: reflect.ValueOf(data), shape: shape, size: shape.TotalSize() / shape[0]}, nil
}

// dataOf returns the elements of x, which is not a scalar, as a slice in order
// of row: its own memory, or a copy if x is a view.
func dataOf(x *tensor.Dense) (any, error) {
	if x.IsMaterializable() {
		x = x.Materialize().(*tensor.Dense)
	}
	if x.RequiresIterator() || x.DataOrder().IsColMajor() {
		return nil, errors.New("is column-major or masked, want row-major and unmasked")
	}
	return x.Data(), nil
}

// cut returns rows lo to hi, in the same memory.
func (r rows) cut(lo, hi int) *tensor.Dense {
	shape := r.shape.Clone()
	shape[0] = hi - lo
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(r.data.Slice(lo*r.size, hi*r.size).Interface()))
}

// gather copies the rows at the indices into a new tensor.
func (r rows) gather(indices []int) *tensor.Dense {
	out := reflect.MakeSlice(r.data.Type(), len(indices)*r.size, len(indices)*r.size)
	for i, j := range indices {
		reflect.Copy(out.Slice(i*r.size, (i+1)*r.size), r.data.Slice(j*r.size, (j+1)*r.size))
	}
	shape := r.shape.Clone()
	shape[0] = len(indices)
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(out.Interface()))
}
