package graph

import (
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

func newBacking(dt tensor.Dtype, n int) any {
	switch dt {
	case tensor.Float32:
		return make([]float32, n)
	case tensor.Float64:
		return make([]float64, n)
	case tensor.Int:
		return make([]int, n)
	case tensor.Int64:
		return make([]int64, n)
	}
	return tensor.New(tensor.Of(dt), tensor.WithShape(n)).Data()
}

func toDense(v gorgonia.Value) (*tensor.Dense, error) {
	switch v := v.(type) {
	case *tensor.Dense:
		return v, nil
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

// copyDense copies the elements of src to dst; both have one size and type.
func copyDense(dst, src *tensor.Dense) {
	switch dst.Dtype() {
	case tensor.Float32:
		copy(dst.Float32s(), src.Float32s())
	case tensor.Float64:
		copy(dst.Float64s(), src.Float64s())
	case tensor.Int:
		copy(dst.Ints(), src.Ints())
	case tensor.Int64:
		copy(dst.Int64s(), src.Int64s())
	}
}

// convert returns x as a contiguous tensor of element type dt: x itself if it
// is one, else a copy. Only floating-point types convert.
func convert(x *tensor.Dense, dt tensor.Dtype) (*tensor.Dense, error) {
	if x.RequiresIterator() || !x.DataOrder().IsRowMajor() || x.IsNativelyAccessible() && x.Size() != x.DataSize() {
		x = x.Materialize().(*tensor.Dense)
	}
	if x.Dtype() == dt {
		return x, nil
	}
	y := newDense(dt, x.Shape())
	switch {
	case x.Dtype() == tensor.Float64 && dt == tensor.Float32:
		for i, v := range x.Float64s() {
			y.Float32s()[i] = float32(v)
		}
	case x.Dtype() == tensor.Float32 && dt == tensor.Float64:
		for i, v := range x.Float32s() {
			y.Float64s()[i] = float64(v)
		}
	default:
		return nil, errors.Errorf("element type is %v, want %v", x.Dtype(), dt)
	}
	return y, nil
}

// sameShape compares exactly: Shape.Eq takes (n), (n, 1) and (1, n) for equal.
func sameShape(a, b Shape) bool { return slices.Equal(a, b) }
