package graph

import (
	"reflect"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Programs hold every value as a *tensor.Dense, scalars too. Gorgonia's own ops
// want scalars as gorgonia.Scalar; these functions are the border.

func newDense(dt tensor.Dtype, shape Shape) *tensor.Dense {
	return denseOver(newBacking(dt, shape.TotalSize()), shape)
}

// denseOver returns a tensor over the elements of a slice.
func denseOver(backing any, shape Shape) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape.Clone()...), tensor.WithBacking(backing), tensor.WithEngine(gorgonia.StandardEngine{}))
}

// withEngine returns a tensor over the elements of d that has the engine of all others.
func withEngine(d *tensor.Dense) *tensor.Dense {
	switch d.Dtype() {
	case tensor.Float32:
		return denseOver(d.Float32s(), d.Shape())
	case tensor.Float64:
		return denseOver(d.Float64s(), d.Shape())
	case tensor.Int64:
		return denseOver(d.Int64s(), d.Shape())
	}
	return d
}

// newBacking returns a slice of n elements.
func newBacking(dt tensor.Dtype, n int) any {
	return reflect.MakeSlice(reflect.SliceOf(dt.Type), n, n).Interface()
}

// cut returns the elements [offset, offset+n) of a slice, with that capacity.
func cut(backing any, offset, n int) any {
	return reflect.ValueOf(backing).Slice3(offset, offset+n, offset+n).Interface()
}

// toDense returns a value as our ops want it: dense and contiguous.
func toDense(v gorgonia.Value) (*tensor.Dense, error) {
	switch v := v.(type) {
	case *tensor.Dense:
		return contiguous(v)
	case gorgonia.Scalar:
		return tensor.New(tensor.FromScalar(v.Data()), tensor.WithEngine(gorgonia.StandardEngine{})), nil
	}
	return nil, errors.Errorf("value is a %T, want a dense tensor or a scalar", v)
}

// fromDense returns a scalar as one of Gorgonia's, any other tensor as it is.
func fromDense(d *tensor.Dense) gorgonia.Value {
	if d.Dims() > 0 {
		return d
	}
	switch d.Dtype() {
	case tensor.Float32:
		return gorgonia.NewF32(d.Float32s()[0])
	case tensor.Float64:
		return gorgonia.NewF64(d.Float64s()[0])
	case tensor.Int:
		return gorgonia.NewI(d.Ints()[0])
	case tensor.Int64:
		return gorgonia.NewI64(d.Int64s()[0])
	}
	return d
}

// contiguous returns d in row-major order without gaps, as our ops want it: d
// itself, or a copy if it is a view.
func contiguous(d *tensor.Dense) (*tensor.Dense, error) {
	if !inOrder(d) {
		d = d.Materialize().(*tensor.Dense)
	}
	if !inOrder(d) {
		return nil, errors.New("a tensor is column-major or masked, want row-major and unmasked")
	}
	return d, nil
}

func inOrder(d *tensor.Dense) bool {
	return !d.RequiresIterator() && d.DataOrder().IsRowMajor()
}

// copyInto copies the elements of src, which has the shape and type of dst.
func copyInto(dst, src *tensor.Dense) {
	switch dst.Dtype() {
	case tensor.Float32:
		copy(dst.Float32s(), src.Float32s())
	case tensor.Float64:
		copy(dst.Float64s(), src.Float64s())
	case tensor.Int64:
		copy(dst.Int64s(), src.Int64s())
	}
}

// reshaped returns the elements of x, shared, in another shape of as many.
func reshaped(x *tensor.Dense, shape Shape) (*tensor.Dense, error) {
	y := x.ShallowClone()
	return y, errors.WithStack(y.Reshape(shape.Clone()...))
}

// sameShape compares exactly: Shape.Eq takes (n), (n, 1) and (1, n) for equal.
func sameShape(a, b Shape) bool { return slices.Equal(a, b) }
