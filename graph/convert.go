package graph

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// convert returns x as a contiguous tensor of element type dt: x itself if it
// is one, else a copy. Floating-point types convert to each other, the integers
// of labels to int, and all integers to floating-point numbers that are equal.
func convert(x *tensor.Dense, dt tensor.Dtype) (*tensor.Dense, error) {
	x, err := contiguous(x)
	if err != nil || x.Dtype() == dt {
		return x, err
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
	case x.Dtype() == tensor.Int64 && dt == tensor.Int:
		toInts(y.Ints(), x.Int64s())
	case x.Dtype() == tensor.Int32 && dt == tensor.Int:
		toInts(y.Ints(), x.Int32s())
	case x.Dtype() == tensor.Uint8 && dt == tensor.Int:
		toInts(y.Ints(), x.Uint8s())
	case dt == tensor.Int:
		return nil, errors.Errorf("element type is %v, want int, int64, int32 or uint8", x.Dtype())
	case dt == tensor.Float32:
		err = integersTo(y.Float32s(), x, 1<<24)
	default:
		err = integersTo(y.Float64s(), x, 1<<53)
	}
	return y, err
}

func toInts[T int64 | int32 | uint8](y []int, x []T) {
	for i, v := range x {
		y[i] = int(v)
	}
}

// integersTo writes the integers of x to y, whose type has all up to most.
func integersTo[T float32 | float64](y []T, x *tensor.Dense, most int64) error {
	switch v := x.Data().(type) {
	case []int:
		return toFloats(y, v, most)
	case []int8:
		return toFloats(y, v, most)
	case []int16:
		return toFloats(y, v, most)
	case []int32:
		return toFloats(y, v, most)
	case []int64:
		return toFloats(y, v, most)
	case []uint8:
		return toFloats(y, v, most)
	case []uint16:
		return toFloats(y, v, most)
	case []uint32:
		return toFloats(y, v, most)
	case []uint64:
		return toFloats(y, v, most)
	}
	return errors.Errorf("element type is %v, want float32, float64 or one of integers", x.Dtype())
}

func toFloats[T float32 | float64, I int | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](y []T, x []I, most int64) error {
	for i, v := range x {
		// What an integer of 64 bits wraps to is negative, or v is in range.
		if w := int64(v); w < -most || w > most || (w < 0) != (v < 0) {
			return errors.Errorf("element %d is %d, want at most %d in size, up to which %T has all integers", i, v, most, y[i])
		}
		y[i] = T(v)
	}
	return nil
}
